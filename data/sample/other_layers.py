"""Infrastructure, platform, seats, and what is paid back."""

from typing import Any

import numpy as np
import pandas as pd
from draws import FIRST, LAST, SAMPLE, noise, pattern, ramp, stream
from model import SERVICES
from rows import Owner, Service, charges

SEATS = {"github_copilot": (40, 190), "m365_copilot": (60, 280)}  # seats in the first and the last month
SEAT_TEAMS = {
    "github_copilot": {"Engineering": 0.82, "Data science": 0.18},
    "m365_copilot": {"Customer support": 0.3, "Operations": 0.3, "Marketing": 0.22, "Legal and compliance": 0.18},
}
USAGE = {"github_copilot": (2.3, 1.25), "m365_copilot": (1.9, 1.35)}  # mu and sigma of the log of a month's usage
IDLE_SHARE = 0.16  # of seats in a mean month
HALF_YEAR = "2025-10-01"  # first of the months before a renewal that seats are decided on
PER_UNIT = {"1000000 Requests": 1e6, "1000 Runs": 1e3}


def unit_prices() -> pd.DataFrame:
    """Prices of everything that is not a token, by item."""
    return pd.read_csv(SAMPLE / "unit_prices.csv").set_index("item")


def service_of(row: pd.Series) -> Service:
    """The service a price row belongs to."""
    fields = ("provider", "issuer", "service", "service_category", "service_subcategory", "layer")
    return Service(*(row[field] for field in fields))


def resource_charges(prices: pd.DataFrame, requests: pd.Series) -> list[pd.DataFrame]:
    """Infrastructure and platform by day; `requests` are those that the gateway logged. [requests/day]"""
    table = pd.read_csv(SAMPLE / "resources.csv", parse_dates=["start", "end", "ramp_midpoint"])
    return [_resource(place, row, prices.loc[row["item"]], requests) for place, row in table.iterrows()]


def _resource(place: Any, row: pd.Series, price: pd.Series, requests: pd.Series) -> pd.DataFrame:
    days = pd.date_range(row["start"], row["end"])
    name = (row["item"], row["product"], row["environment"], f"{row['start']:%Y-%m-%d}")
    rise = ramp(days, midpoint=row["ramp_midpoint"], ramp_days=row["ramp_days"])
    load = requests.reindex(days).fillna(0) if row["pattern"] == "requests" else pattern(row["pattern"], days)
    quantity = row["per_day"] * rise * np.asarray(load) * noise(len(days), sigma=row["noise"], name=name)
    quantity = quantity.round(0 if price["consumed_unit"] in ("Requests", "Runs") else 4)
    said = [None if pd.isna(row[column]) else row[column] for column in ("team", "product", "use_case")]
    return charges(
        service_of(price),
        Owner(*said, environment=row["environment"], tagged=row["tagged"] == "yes"),
        start=days,
        description=f"{price['service']}: {price['sku']}",
        sku=price["sku"],
        meter=price["consumed_unit"],
        price=price["price"],
        pricing_quantity=quantity / PER_UNIT.get(price["pricing_unit"], 1),
        pricing_unit=price["pricing_unit"],
        consumed_quantity=quantity,
        consumed_unit=price["consumed_unit"],
        PricingCategory=price["pricing_category"],
    )


def seat_usage() -> pd.DataFrame:
    """A month's usage of everyone with a seat, priced at API rates: heavy-tailed, persistent, some of it nothing."""
    months = pd.date_range(FIRST, LAST, freq="MS")
    parts = []
    for plan, (first, last) in SEATS.items():
        draw = stream("seats", plan)
        seats = np.round(np.linspace(first, last, len(months))).astype(int)
        habit, idle = draw.standard_normal(last), draw.random(last) < IDLE_SHARE
        mu, sigma = USAGE[plan]
        for place, month in enumerate(months):
            habit = 0.9 * habit + np.sqrt(1 - 0.9**2) * draw.standard_normal(last)
            changed = draw.random(last) < 0.12
            idle = np.where(changed, draw.random(last) < IDLE_SHARE, idle)
            spend = np.where(idle, 0.0, np.exp(mu + sigma * habit)).round(2)
            users = [f"{plan[0]}-{number:04d}" for number in range(1, seats[place] + 1)]
            parts.append(pd.DataFrame({"user": users, "month": month, "plan": plan, "spend": spend[: seats[place]]}))
    return pd.concat(parts, ignore_index=True)


def assistant_usage(people: pd.DataFrame) -> pd.DataFrame:
    """Half a year of the code assistant, of those who had a seat in every month of it."""
    held = people[(people["plan"] == "github_copilot") & (people["month"] >= HALF_YEAR)]
    months = held.groupby("user")["month"].transform("nunique")
    return held.loc[months == held["month"].nunique(), ["user", "month", "spend"]]


def seat_charges(prices: pd.DataFrame, people: pd.DataFrame) -> list[pd.DataFrame]:
    """Seats by month and team: as many as people hold."""
    counted = people.groupby(["plan", "month"]).size()
    parts = []
    for plan, teams in SEAT_TEAMS.items():
        seats, price = counted[plan], prices.loc[plan]
        edges = np.round(np.outer(seats, np.cumsum([0.0, *teams.values()])))
        for place, team in enumerate(teams):
            held = edges[:, place + 1] - edges[:, place]
            parts.append(
                charges(
                    service_of(price),
                    Owner(team, price["service"], None, "prod"),
                    start=pd.DatetimeIndex(seats.index),
                    description=f"{price['service']}: seats",
                    sku=price["sku"],
                    meter="Seats",
                    price=price["price"],
                    pricing_quantity=held,
                    pricing_unit=price["pricing_unit"],
                    consumed_quantity=held,
                    consumed_unit="Seats",
                    whole_month=True,
                    ChargeFrequency="Recurring",
                )
            )
    return parts


def paid_back(prices: pd.DataFrame) -> list[pd.DataFrame]:
    """Credits, and corrections of months already invoiced: negative, without a quantity."""
    support = Owner("Customer support", "Support assistant", "Inquiry resolved", "prod")
    code = Owner("Engineering", "Code assistant", "Change merged", "prod")
    recap = Owner("Workplace services", "Meeting recap", "Meeting summarised", "prod")
    nobody = Owner(None, None, None, "prod", tagged=False)
    seats = Owner("Operations", "Microsoft 365 Copilot", None, "prod")
    parts = [
        _credit(SERVICES["openai"], nobody, "2024-06-01", 750.0, "Promotional credit"),
        _credit(SERVICES["openai"], support, "2025-02-01", 1_200.0, "Credit for an interruption of service"),
        _correction(SERVICES["anthropic"], code, "2025-09-01", 684.35, "Refund: a day of September billed twice"),
        _correction(SERVICES["gemini"], recap, "2025-11-01", 412.8, "Correction: cached tokens billed in full"),
        _correction(service_of(prices.loc["m365_copilot"]), seats, "2025-02-01", 240.0, "Correction: seats of leavers"),
    ]
    months = pd.date_range("2025-04-01", periods=3, freq="MS")
    parts += [_credit(SERVICES["azure"], nobody, f"{month:%Y-%m-%d}", 500.0, "Start-up credit") for month in months]
    return parts


def _credit(service: Service, owner: Owner, month: str, amount: float, words: str, **changes: Any) -> pd.DataFrame:
    """Money back for a month. [currency]"""
    costs = dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), -amount)
    nothing = dict.fromkeys(("PricingQuantity", "ListUnitPrice", "ContractedUnitPrice"), np.nan)
    said = {"ChargeCategory": "Credit", "ChargeFrequency": "One-Time", "PricingUnit": None, "PricingCategory": None}
    return charges(
        service,
        owner,
        start=pd.DatetimeIndex([month]),
        description=words,
        sku=f"{service.issuer.lower()}-paid-back",
        meter="Credit",
        price=1.0,
        pricing_quantity=1.0,
        pricing_unit="USD",
        whole_month=True,
        **{**costs, **nothing, **said, **changes},
    )


def _correction(service: Service, owner: Owner, month: str, amount: float, words: str) -> pd.DataFrame:
    """A charge of a month taken back on the next month's invoice. [currency]"""
    billed = pd.Timestamp(month) + pd.DateOffset(months=1)
    period = {"BillingPeriodStart": billed, "BillingPeriodEnd": billed + pd.DateOffset(months=1)}
    said = {"ChargeClass": "Correction", "ChargeCategory": "Usage", "SkuMeter": "Correction"}
    return _credit(service, owner, month, amount, words, **said, **period)
