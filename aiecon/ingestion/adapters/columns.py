"""Columns of the spend store and what each holds."""

from aiecon.vocabulary.spend import TOKEN_COLUMNS

MOMENTS = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
MONEY = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
QUANTITIES = ("ConsumedQuantity", "PricingQuantity", "ListUnitPrice", "ContractedUnitPrice")
COUNTS = (*TOKEN_COLUMNS, "x_ReasoningTokens", "x_Requests", "x_Retries", "x_ToolCalls")
SAID = (
    "BillingCurrency",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ServiceName",
    "ServiceCategory",
    "ProviderName",
    "InvoiceIssuerName",
    "BillingAccountId",
    "SubAccountId",
    "SkuMeter",
    "ConsumedUnit",
    "PricingUnit",
    "Tags",
    "x_RequestId",
    "x_TraceId",
    "x_ModelId",
    "x_Team",
    "x_User",
    "x_Product",
    "x_UseCase",
    "x_Environment",
    "x_CostCentre",
    "x_Layer",
    "x_Source",
    "x_CostSource",
)
KINDS = {
    **dict.fromkeys(MOMENTS, "TIMESTAMP"),
    **dict.fromkeys((*MONEY, *QUANTITIES), "DECIMAL(38, 12)"),
    **dict.fromkeys(COUNTS, "BIGINT"),
    **dict.fromkeys(SAID, "VARCHAR"),
}
"""Columns and their types; money is exact."""

CANONICAL = (*MOMENTS, *MONEY, *QUANTITIES, *COUNTS, *SAID)
"""What every source lands on; a FOCUS file keeps its other columns as text."""

BILL, EXPORT, RECORD = "bill", "vendor_usage", "usage"
"""Kinds of sources: an invoice, the vendor's own count of use, a gateway's or trace's record of use beside them."""

BUCKET = "x_SourceBucket"
"""What the bucket of a usage or cost API is of; with its source and period it names one figure, restated or not."""

OWN = (
    "x_SourceKind",
    "x_SourceCost",
    "x_SourceDigest",
    "x_SourceFile",
    "x_SourceRow",
    "x_SourceHash",
    "x_SourceSaid",
    BUCKET,
)
"""What is noted of each row: its kind of source, the cost by its source's own account, where it stands there, a hash of
what it says, where records carry a part of it its cost and counts as they stood, and of a bucket what it is of."""
