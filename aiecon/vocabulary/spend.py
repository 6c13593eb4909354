"""Spend as FOCUS spells it: the columns a charge must have, and those of the spend store."""

import re
from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator

Cost = Literal["BilledCost", "EffectiveCost"]

CHARGE_COLUMNS = ("ChargePeriodStart", "ChargePeriodEnd", "BillingCurrency")
"""Columns that every charge needs beside its cost."""

AI_CATEGORY = "AI and Machine Learning"
"""FOCUS ServiceCategory of AI charges."""

DIMENSIONS = {
    "x_Team": "team",
    "x_Product": "product",
    "x_UseCase": "use case",
    "x_ModelId": "model",
    "x_Environment": "environment",
    "ServiceName": "service",
    "SubAccountName": "sub-account",
    "ServiceCategory": "service category",
    "x_Layer": "layer",
}
"""Columns that say who or what a charge is for, in the order a reader would ask, and how they are called."""

TOKEN_COLUMNS = (
    "x_InputTokens",
    "x_CacheReadTokens",
    "x_CacheWrite5mTokens",
    "x_CacheWrite1hTokens",
    "x_OutputTokens",
)
"""Columns of the spend store that count tokens, each token in one of them."""

MODEL_SPELLING = r"^(?:[a-z_]+/)?(.*?)(?:-\d{4}-?\d{2}-?\d{2})?$"
"""A model in small letters as a source spells it; its first group is the name without maker before and date behind."""


def plain_models(spelled: pd.Series) -> pd.Series:
    """Return models as every source spells them: in small letters, no maker before, no date behind.

    Examples
    --------
    >>> plain_models(pd.Series(["OpenAI/gpt-5-2025-08-07", "gpt-5"])).tolist()
    ['gpt-5', 'gpt-5']
    """
    names = {name: re.sub(MODEL_SPELLING, r"\1", str(name).lower()) for name in spelled.unique()}
    return spelled.map(names)


CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()  # noqa: SIM905 (a list of 150 strings reads worse)
)
"""Active national currencies of ISO 4217."""


def _known(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be a currency of ISO 4217 such as USD or EUR")
    return code


Currency = Annotated[str, AfterValidator(_known)]
