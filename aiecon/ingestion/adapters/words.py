"""Words of vendors as the store has them: providers, units of quantity, moments, whole numbers."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from aiecon.ingestion.adapters.reading import RefusedError, refused
from aiecon.ingestion.engine import ISO_TIME
from aiecon.vocabulary.money_text import AMOUNT, BESIDE_DIGITS, PLAIN_NUMBER

PROVIDERS = {
    "openai": ("OpenAI", "OpenAI API"),
    "anthropic": ("Anthropic", "Anthropic API"),
    "azure": ("Microsoft Azure", "Azure OpenAI Service"),
    "bedrock": ("AWS", "Amazon Bedrock"),
    "vertex_ai": ("Google Cloud", "Vertex AI"),
    "gemini": ("Google", "Gemini API"),
    "mistral": ("Mistral AI", "Mistral API"),
    "xai": ("xAI", "xAI API"),
    "deepseek": ("DeepSeek", "DeepSeek API"),
    "cohere": ("Cohere", "Cohere API"),
}
"""Provider as the rate card spells it -> FOCUS ProviderName and ServiceName."""

_SPELLINGS = {
    "azure_ai": "azure",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "az.ai.openai": "azure",
    "az.ai.inference": "azure",
    "aws.bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "gcp.vertex_ai": "vertex_ai",
    "gcp.gemini": "gemini",
    "gcp.gen_ai": "gemini",
    "mistral_ai": "mistral",
    "x_ai": "xai",
}
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_UNIT = re.compile(r"^(?P<count>[\d,]+)?\s*(?P<scale>k|m)?\s*(?P<noun>tokens?|tok)?$", re.IGNORECASE)
_THINGS = frozenset(
    """request call query image page character session message document hour hr minute min second sec day week month mo
    year user seat licence license unit kb mb gb tb kib mib gib tib gpu tpu vcpu cpu ptu gsu node instance model job
    search count each item of per input output provisioned throughput dollar usd k m x""".split()  # noqa: SIM905 (a list of 50 strings reads worse)
)
_HOUR = timedelta(hours=1)
_NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)


def provider(spelled: str) -> str:
    """A provider's name as the rate card spells it.

    Examples
    --------
    >>> provider("aws.bedrock"), provider("OpenAI")
    ('bedrock', 'openai')
    """
    name = spelled.strip().lower()
    return _SPELLINGS.get(name, name)


def service(name: str) -> dict[str, str]:
    """FOCUS ProviderName, InvoiceIssuerName and ServiceName of a provider."""
    whole, api = PROVIDERS.get(name, (name, name))
    return {"ProviderName": whole, "InvoiceIssuerName": whole, "ServiceName": api}


def unit_factor(spelled: str, *, is_tokens: bool) -> int | None:
    """Tokens in one unit; None for a unit of something else.

    Parameters
    ----------
    spelled
        "Tokens", "1K", "1000 Tokens", "1M", ... as the source has it.
    is_tokens
        Whether a unit that does not say tokens, such as "1K", counts them.

    Examples
    --------
    >>> [unit_factor(unit, is_tokens=True) for unit in ("Tokens", "1K", "1,000 tokens", "1M", "1000000 Tokens", "GB")]
    [1, 1000, 1000, 1000000, 1000000, None]
    """
    found = _UNIT.match(spelled.strip())
    if not found or not (found["noun"] or is_tokens):
        return None
    count, scale = found["count"], (found["scale"] or "").lower()
    if scale == "m" and not count and (found["noun"] or "").lower() != "tok":
        raise RefusedError("", f"unit {spelled!r} can be a thousand or a million; write 1K or 1M")
    return int((count or "1").replace(",", "")) * _FACTORS[scale]


def is_of_other_things(spelled: str) -> bool:
    """Whether a unit counts things other than tokens that we know: each of its words is one of them.

    Examples
    --------
    >>> [is_of_other_things(unit) for unit in ("GB-Months", "1K requests", "PTU-Hours", "blorp", "1")]
    [True, True, True, False, True]
    """
    named = re.findall(r"[a-z]+", spelled.lower())
    return all(word in _THINGS or word.removesuffix("s") in _THINGS or word == "queries" for word in named)


def hour(moment: datetime) -> dict[str, str]:
    """The charge period of a request: the hour it began in."""
    start = moment.replace(minute=0, second=0, microsecond=0)
    return period(start, start + _HOUR)


def period(start: datetime, end: datetime) -> dict[str, str]:
    """FOCUS ChargePeriodStart and ChargePeriodEnd in UTC."""
    return {"ChargePeriodStart": f"{start:%Y-%m-%dT%H:%M:%SZ}", "ChargePeriodEnd": f"{end:%Y-%m-%dT%H:%M:%SZ}"}


def moment(value: Any, column: str) -> datetime:
    """An ISO date, with or without a time, or a unix time in seconds or nanoseconds, as UTC."""
    if isinstance(value, int | Decimal) or (isinstance(value, str) and value.strip().isdigit() and len(value) >= 10):
        seconds = Decimal(value)
        return datetime.fromtimestamp(float(seconds if seconds < 10**11 else seconds / 10**9), UTC)
    if isinstance(value, str) and re.match(ISO_TIME, value):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return refused(RefusedError(column, _no_date(value)), instead=_NO_DAY)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return refused(RefusedError(column, _no_date(value)), instead=_NO_DAY)


def _no_date(value: Any) -> str:
    shown = "is empty" if value is None else f"has {str(value)[:40]!r}"
    return f"{shown}, an ISO date such as 2026-03-31 is expected"


def tokens(record: Any, key: str, *, column: str | None = None) -> int:
    """A count of tokens or requests, 0 where there is none; refused unless whole and zero or more."""
    value = record.get(key)
    if value is None:
        return 0
    try:
        count = Decimal(str(value).strip())
    except InvalidOperation:
        count = Decimal("NaN")
    if not count.is_finite() or count != count.to_integral_value() or count < 0:
        expected = f"has {str(value)[:40]!r}, a whole number of zero or more is expected"
        return refused(RefusedError(column or key, expected), instead=0)
    return int(count)


def text(record: Any, key: str) -> str | None:
    """A cell as text, None where it is empty."""
    value = record.get(key)
    return None if value is None or str(value).strip() == "" else str(value).strip()


def amount(value: str, column: str) -> Decimal:
    """A sum of money as it is written: 1234.50, 1,234.50, $50,000.00; refused where it can mean two things.

    The one rule of all doors; landing and `engine.amount` have it as SQL.

    Examples
    --------
    >>> str(amount("$50,000.00 ", "amount"))
    '50000.00'
    """
    if re.match(PLAIN_NUMBER, value) or re.match(AMOUNT, value):
        return Decimal(re.sub(BESIDE_DIGITS, "", value))
    shown = f"has {value[:40]!r}" if value.strip() else "is empty"
    return refused(RefusedError(column, f"{shown}, a plain number such as 12.50 is expected"), instead=Decimal(0))
