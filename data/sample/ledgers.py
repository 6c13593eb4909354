"""What stands beside the bill: invoices, business outcomes, and the months of every team and pool."""

from decimal import Decimal

import numpy as np
import pandas as pd
from draws import stream
from rows import invoice_id, month_of

# use case: requests an attempt takes, share accepted, names of both ends, and of each end value [USD], revenue [USD]
# and people's time [minutes] a case
OUTCOMES = {
    "Inquiry resolved": (7.5, 0.71, ("resolved", "escalated"), (0.62, 0.0), (0.0, 0.0), (0.4, 7.0)),
    "Call handled": (9.0, 0.66, ("resolved", "escalated"), (0.70, 0.0), (0.0, 0.0), (0.2, 6.0)),
    "Change merged": (85.0, 0.58, ("merged", "abandoned"), (6.5, 0.0), (0.0, 0.0), (11.0, 9.0)),
    "Document classified": (1.15, 0.94, ("processed", "rejected"), (0.011, 0.0), (0.0, 0.0), (0.02, 0.6)),
    "Draft approved": (24.0, 0.46, ("approved", "rejected"), (3.2, 0.0), (2.1, 0.0), (6.0, 4.0)),
    "Contract reviewed": (60.0, 0.83, ("approved", "rejected"), (14.0, 0.0), (0.0, 0.0), (22.0, 35.0)),
    "Meeting summarised": (2.2, 0.9, ("approved", "rejected"), (0.16, 0.0), (0.0, 0.0), (0.3, 1.0)),
    "Study finished": (2_600.0, 0.62, ("approved", "rejected"), (240.0, 0.0), (0.0, 0.0), (180.0, 120.0)),
}


def invoices(charges: pd.DataFrame) -> pd.DataFrame:
    """One invoice for each issuer and billing period: the exact sum of its charges."""
    cents = (charges["BilledCost"] * 100).round().astype("int64")
    sums = cents.groupby([charges["InvoiceIssuerName"], charges["BillingPeriodStart"]]).sum().reset_index(name="cents")
    issuer, month = sums["InvoiceIssuerName"], sums["BillingPeriodStart"]
    issued = month + pd.DateOffset(months=1, days=2)
    amount = [str(Decimal(int(one)) / 100) for one in sums["cents"]]
    columns = {"invoice_id": invoice_id(issuer, month), "provider": issuer, "month": month, "issued_on": issued}
    return pd.DataFrame({**columns, "currency": "USD", "amount": amount})


def outcomes(log: pd.DataFrame) -> pd.DataFrame:
    """What production requests led to, by month: good ends and others, with value, revenue and people's time."""
    made = log[log["environment"].eq("prod") | log["use_case"].eq("Study finished")]
    month = month_of(pd.DatetimeIndex(made["date"]))
    requests = made["requests"].groupby([month, made["use_case"]]).sum()
    parts = []
    for (first, use_case), asked in requests.items():
        per_attempt, accepted, names, value, revenue, minutes = OUTCOMES[use_case]
        draw = stream("outcomes", use_case, first)
        attempts = asked / per_attempt * np.exp(0.03 * draw.standard_normal())
        good = np.clip(accepted + 0.012 * draw.standard_normal(), 0.0, 1.0)
        counts = np.round(attempts * np.array([good, 1 - good]))
        said = {"date": first, "use_case": use_case, "outcome": names, "count": counts.astype(int)}
        money = {"value": counts * value, "human_minutes": counts * minutes, "revenue": counts * revenue}
        parts.append(pd.DataFrame({**said, **{name: np.round(one, 2) for name, one in money.items()}}))
    return pd.concat(parts, ignore_index=True)


POOLS = {"prod": "production", "dev": "development"}
NOBODY = "Unassigned"


def actuals(charges: pd.DataFrame, log: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """What each team's pool was billed a month, with the requests that drove it and the value it brought."""
    keys = ["month", "team", "pool"]
    billed = pd.DataFrame(
        {
            "month": month_of(pd.DatetimeIndex(charges["ChargePeriodStart"])),
            "team": charges["x_Team"].fillna(NOBODY).to_numpy(),
            "pool": charges["x_Environment"].map(POOLS).to_numpy(),
            "cents": (charges["BilledCost"] * 100).round().astype("int64").to_numpy(),
        }
    )
    spend = billed.groupby(keys)["cents"].sum() / 100
    made = log.assign(month=month_of(pd.DatetimeIndex(log["date"])), pool=log["environment"].map(POOLS))
    driver = made.groupby(keys)["requests"].sum().astype("Int64")
    team = made.drop_duplicates("use_case", keep="last").set_index("use_case")["team"]
    pool = np.where(ends["use_case"].eq("Study finished"), "development", "production")
    worth = ends.assign(month=pd.DatetimeIndex(ends["date"]), team=ends["use_case"].map(team), pool=pool)
    value = (worth["value"] + worth["revenue"]).groupby([worth[key] for key in keys]).sum().round(2)
    whole = pd.DataFrame({"spend": spend, "driver": driver, "value": value}).dropna(subset="spend")
    whole.index.names = keys
    return _whole_months(whole).reset_index()


def _whole_months(frame: pd.DataFrame) -> pd.DataFrame:
    """Every month of a team and pool from its first on; one without charges is 0."""
    last = frame.index.get_level_values("month").max()
    rows = []
    for (team, pool), part in frame.groupby(["team", "pool"]):
        first = part.index.get_level_values("month").min()
        rows += [(month, team, pool) for month in pd.date_range(first, last, freq="MS")]
    found = frame.reindex(pd.MultiIndex.from_tuples(rows, names=["month", "team", "pool"])).sort_index()
    return found.assign(spend=found["spend"].fillna(0.0))
