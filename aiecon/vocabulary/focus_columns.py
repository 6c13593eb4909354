"""Columns of FOCUS charges by name, and what a file's own spelling of them stands for."""

import re
from collections.abc import Iterable

from aiecon.vocabulary.spend import TOKEN_COLUMNS

SPECIFIED = tuple(
    """AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName AllocatedTags AvailabilityZone
    BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency BillingPeriodEnd
    BillingPeriodStart CapacityReservationId CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription
    ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId
    CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus CommitmentDiscountType
    CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractApplied ContractedCost ContractedUnitPrice
    EffectiveCost HostProviderName InvoiceId InvoiceIssuerName ListCost ListUnitPrice ModelId PricingCategory
    PricingCurrency PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice
    PricingQuantity PricingUnit ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType
    ServiceCategory ServiceName ServiceProviderName ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId
    SubAccountId SubAccountName SubAccountType Tags TokenCacheAction TokenDirection""".split()  # noqa: SIM905 (a list of 70 strings reads worse)
)
"""FOCUS 1.0 to 1.3 (https://focus.finops.org/focus-specification/v1-3/), and the AI properties of the 1.5 draft."""

OURS = (
    *TOKEN_COLUMNS,
    *"""x_ReasoningTokens x_Requests x_Retries x_ToolCalls x_RequestId x_TraceId x_ModelId x_Team x_User x_Product
    x_UseCase x_Environment x_CostCentre x_Layer x_Source x_CostSource""".split(),  # noqa: SIM905 (as above)
)
"""What the spend store adds."""

_NEEDED = {"BilledCost", "ChargePeriodStart"}


def _plain(column: str) -> str:
    return re.sub(r"[\s_]+", "", column).lower()


_BY_LETTERS = {_plain(column): column for column in (*SPECIFIED, *OURS)}


def spelled(columns: Iterable[str]) -> dict[str, str]:
    """Return the column that each of a file stands for, whatever its capitals, blanks and underscores.

    Examples
    --------
    >>> spelled(["billed_cost", " Charge Period Start", "my note"])
    {'billed_cost': 'BilledCost', ' Charge Period Start': 'ChargePeriodStart', 'my note': 'my note'}
    """
    return {column: _BY_LETTERS.get(_plain(column), column) for column in columns}


def are_charges(columns: Iterable[str]) -> bool:
    """Whether a file with these columns holds FOCUS charges."""
    return {*spelled(columns).values()} >= _NEEDED


def met_twice(columns: Iterable[str], name: str) -> list[str]:
    """One problem for each two columns that are read as one, or differ in their capitals alone."""
    seen: dict[str, str] = {}
    problems = []
    for column, ours in spelled(columns).items():
        other = seen.setdefault(ours.lower(), column)
        if other != column:
            problems.append(
                f"{name}: columns '{other}' and '{column}' are read as one; rename or remove one of the two"
            )
    return problems
