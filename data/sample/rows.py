"""FOCUS 1.2 rows: one function from quantities and prices to charges."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

COMPANY = "Sample company (synthetic)"
ACCOUNTS = {"prod": "Production", "dev": "Development", "card": "Card account of Marketing"}
TEXT = (
    "ChargeClass",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "x_ModelId",
)
TOKENS = ("x_InputTokens", "x_CacheReadTokens", "x_CacheWrite5mTokens", "x_OutputTokens", "x_Requests")


@dataclass(frozen=True)
class Service:
    """What is sold and by whom."""

    provider: str
    issuer: str
    name: str
    category: str
    subcategory: str
    layer: str


@dataclass(frozen=True)
class Owner:
    """Whose charge it is; untagged charges name nobody."""

    team: str | None
    product: str | None
    use_case: str | None
    environment: str
    tagged: bool = True
    account: str | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of account and tags."""
        account = self.account or self.environment
        dimensions: dict[str, Any] = {
            "SubAccountId": f"sample-{account}",
            "SubAccountName": ACCOUNTS[account],
            "SubAccountType": "Project",
            "Tags": None,
            "x_Team": None,
            "x_Product": None,
            "x_UseCase": None,
            "x_Environment": self.environment,
            "x_CostCentre": None,
        }
        if not self.tagged:
            return dimensions
        centre = f"CC-{str(self.team)[:3].upper()}"
        tags = {
            "cost_centre": centre,
            "environment": self.environment,
            "team": self.team,
            "use_case": self.use_case,
        }
        said = {"x_Team": self.team, "x_Product": self.product, "x_UseCase": self.use_case, "x_CostCentre": centre}
        return dimensions | said | {"Tags": json.dumps(tags, sort_keys=True)}


def month_of(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The first day of each day's month."""
    return days.to_period("M").to_timestamp()


def charges(
    service: Service,
    owner: Owner,
    *,
    start: pd.DatetimeIndex,
    description: str,
    sku: str,
    meter: str,
    price: Any,
    pricing_quantity: Any,
    pricing_unit: str,
    consumed_quantity: Any = np.nan,
    consumed_unit: str | None = None,
    whole_month: bool = False,
    **changes: Any,
) -> pd.DataFrame:
    """Charges of one SKU, one a day or month; invoiced to the cent, list cost as computed.

    `changes` are columns that differ from those of plain usage. Rows without a quantity are left out.
    """
    month = month_of(start)
    quantity = np.broadcast_to(np.asarray(pricing_quantity, dtype=float), len(start))
    level = np.broadcast_to(np.asarray(price, dtype=float), len(start))
    listed = (quantity * level).round(8)
    billed = listed.round(2)
    columns: dict[str, Any] = {
        "BilledCost": billed,
        "BillingAccountId": "sample-0001",
        "BillingAccountName": COMPANY,
        "BillingCurrency": "USD",
        "BillingPeriodEnd": month + pd.DateOffset(months=1),
        "BillingPeriodStart": month,
        "ChargeCategory": "Usage",
        "ChargeDescription": description,
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": month + pd.DateOffset(months=1) if whole_month else start + pd.Timedelta(days=1),
        "ChargePeriodStart": start,
        "CommitmentDiscountQuantity": np.nan,
        "ConsumedQuantity": consumed_quantity,
        "ConsumedUnit": consumed_unit,
        "ContractedCost": listed,
        "ContractedUnitPrice": level,
        "EffectiveCost": billed,
        "InvoiceIssuerName": service.issuer,
        "ListCost": listed,
        "ListUnitPrice": level,
        "PricingCategory": "Standard",
        "PricingQuantity": quantity,
        "PricingUnit": pricing_unit,
        "ProviderName": service.provider,
        "PublisherName": service.provider,
        "ServiceCategory": service.category,
        "ServiceName": service.name,
        "ServiceSubcategory": service.subcategory,
        "SkuId": sku,
        "SkuMeter": meter,
        "SkuPriceId": [f"{sku}-{one:g}" for one in level],
        "x_Layer": service.layer,
        **dict.fromkeys(TEXT),
        **dict.fromkeys(TOKENS, 0),
        **owner.columns(),
        **changes,
    }
    frame = pd.DataFrame(columns, index=start)
    return frame[quantity > 0]


def finished(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """All charges with their invoice, in a fixed order and with fixed types."""
    frame = pd.concat(parts, ignore_index=True)
    frame["InvoiceId"] = invoice_id(frame["InvoiceIssuerName"], frame["BillingPeriodStart"])
    for column in (*TEXT, "Tags", "ConsumedUnit", "x_Team", "x_Product", "x_UseCase", "x_Environment", "x_CostCentre"):
        frame[column] = frame[column].astype("str").where(frame[column].notna(), None).astype("str")
    for column in TOKENS:
        frame[column] = frame[column].astype("int64")
    keys = [
        "ChargePeriodStart", "InvoiceIssuerName", "SkuId", "SkuMeter", "SubAccountId", "x_Team", "x_Product",
        "ChargeCategory", "CommitmentDiscountStatus", "ChargeDescription",
    ]  # fmt: skip
    return frame[sorted(frame.columns)].sort_values(keys, kind="stable", ignore_index=True)


def invoice_id(issuer: pd.Series, month: pd.Series) -> pd.Series:
    """The number of an issuer's invoice for a billing period."""
    letters = issuer.str.replace(r"[^A-Za-z]", "", regex=True).str[:8].str.upper()
    return letters + "-" + month.dt.strftime("%Y%m")
