"""From text to the typed columns of the store: every cell checked, a row that breaks a rule refused with words."""

from collections.abc import Container, Iterator, Sequence
from typing import Any

from aiecon.errors import InputError
from aiecon.ingestion import duck, tags
from aiecon.ingestion.adapters import Found, layers, words
from aiecon.ingestion.adapters.columns import CANONICAL, COUNTS, MOMENTS, MONEY, QUANTITIES
from aiecon.ingestion.adapters.reading import ROW, Reading, RefusedError, UnknownUnit
from aiecon.ingestion.engine import ISO_TIME
from aiecon.ingestion.kinds import CATEGORIES
from aiecon.vocabulary.money_text import AMOUNT, BESIDE_DIGITS, PLAIN_NUMBER
from aiecon.vocabulary.spend import AI_CATEGORY, CURRENCIES, TOKEN_COLUMNS

EXACT = "DECIMAL(38, 12)"
_TEXT = (*MOMENTS, *MONEY, *QUANTITIES, *COUNTS)  # columns that typed twins stand for
_NUMBER = "a plain number such as 12.50 is expected"
_SHOWN = 10  # broken cells that a message names one by one
_DATE = "an ISO date such as 2026-03-31 is expected"


def stage(connection: Any, found: Found) -> Reading:
    """Read a source into the table `staged`, as text; InputError when it cannot be read."""
    source = Reading(found.name, found.path)
    connection.execute("DROP TABLE IF EXISTS staged")
    for number, batch in enumerate(found.adapter.read(source)):
        connection.register("batch", batch)
        if number == 0:
            connection.execute("CREATE TABLE staged AS SELECT * FROM batch")
        else:
            connection.execute("INSERT INTO staged BY NAME SELECT * FROM batch")
        connection.unregister("batch")
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'staged'").fetchone():
        names = ", ".join(f'"{column}" VARCHAR' for column in CANONICAL)
        connection.execute(f'CREATE TABLE staged ("{ROW}" BIGINT, {names})')
    _complete(connection)
    _tell(connection, source)
    return source


def _complete(connection: Any) -> None:
    """Give the staged table every canonical column, and how many tokens its units hold."""
    has = set(duck.described(connection, "staged"))
    for column in CANONICAL:
        if column not in has:
            connection.execute(f'ALTER TABLE staged ADD COLUMN "{column}" VARCHAR')
    connection.execute(
        "CREATE OR REPLACE TABLE units (unit VARCHAR, ai BOOLEAN, factor BIGINT, doubt VARCHAR, is_known BOOLEAN)"
    )
    spelled = connection.execute(
        f"SELECT DISTINCT unit, {_speaks_of_tokens(has)} FROM staged, "
        "unnest([ConsumedUnit, PricingUnit]) AS u(unit) WHERE unit IS NOT NULL"
    ).fetchall()
    for unit, is_ai in spelled:
        factor, doubt = None, None
        try:
            factor = words.unit_factor(unit, is_tokens=is_ai)
        except RefusedError as error:
            doubt = error.reason
        is_known = factor is not None or words.is_of_other_things(unit)
        connection.execute("INSERT INTO units VALUES (?, ?, ?, ?, ?)", [unit, is_ai, factor, doubt, is_known])


def _tell(connection: Any, source: Reading) -> None:
    """Fill from the tags of a charge whose it is, where its own cells do not say so."""
    found = tags.look(connection.execute, "staged", row=ROW)
    filled = [column for column in tags.SPELLINGS if found.feeding(column)]
    for column in filled:
        empty = f"coalesce(trim(\"{column}\"), '') = ''"
        connection.execute(f'UPDATE staged SET "{column}" = {found.value_sql(column)} WHERE {empty}')
    source.notes += found.notes(filled)


def _speaks_of_tokens(columns: Container[str]) -> str:
    """Whether a unit such as 1K is of tokens: in a charge of AI, of a model, or whose meter or price speaks of them."""
    said = ", ".join(f'"{name}"' for name in ("SkuMeter", "SkuPriceDetails") if name in columns or name in CANONICAL)
    named = f"x_ModelId IS NOT NULL OR regexp_matches(lower(concat_ws(' ', {said})), 'token')"
    return f"(coalesce(ServiceCategory = '{AI_CATEGORY}', false) OR {named})"


def land(connection: Any, source: Reading) -> int:
    """Type the staged rows and show as `landed` those that are not refused, which are noted; returns rows staged."""
    connection.execute(f"CREATE OR REPLACE TABLE typed AS {_typed(connection)}")
    (staged,) = connection.execute("SELECT count(*) FROM typed").fetchone()
    for row, broken in connection.execute(_REFUSED).fetchall():
        first, *more = (RefusedError(one["column"], one["reason"]) for one in broken)
        source.refuse(row, first.column, first.with_all(more).reason)
    source.units = [UnknownUnit(*row) for row in connection.execute(_UNKNOWN).fetchall()]
    own = [column for column in duck.described(connection, "typed") if not column.startswith("__")]
    typed = ", ".join(f'"__{column}" AS "{column}"' for column in _TEXT)
    kept = listed(own)
    connection.execute(f"CREATE OR REPLACE VIEW landed AS SELECT {typed}, {kept} FROM typed WHERE __broken IS NULL")
    source.notes += _unknown_categories(connection)
    return int(staged)


def _unknown_categories(connection: Any) -> list[str]:
    """What the landed charges say of their category that FOCUS does not."""
    known = ", ".join(f"'{category}'" for category in CATEGORIES)
    found = connection.execute(
        f"""SELECT ChargeCategory, count(*) FROM landed WHERE ChargeCategory NOT IN ({known})
        GROUP BY 1 ORDER BY 2 DESC, 1"""
    ).fetchall()
    shown = ", ".join(f"{category[:40]!r} in {rows:,} rows" for category, rows in found[:_SHOWN])
    known = ", ".join(CATEGORIES)
    return [f"ChargeCategory has {shown}, which FOCUS does not know ({known}); loaded as they stand"] if found else []


def one_currency(connection: Any, name: str) -> str | None:
    """Return the currency of the landed rows; InputError when there are several."""
    found = connection.execute("SELECT BillingCurrency, count(*) FROM landed GROUP BY 1 ORDER BY 2 DESC, 1").fetchall()
    if len(found) > 1:
        shown = ", ".join(f"{code} in {rows:,} rows" for code, rows in found)
        mixed = (
            f"{name}: column 'BillingCurrency' mixes currencies ({shown}); load each into a store of its own, or "
            "convert the file at a dated rate"
        )
        raise InputError([mixed, *_no_currencies(connection, name)])
    return found[0][0] if found else None


def _no_currencies(connection: Any, name: str) -> list[str]:
    """Words on the first cells that are no currency, and how many more there are."""
    broken = connection.execute(
        f"""SELECT "{ROW}", one.reason FROM (SELECT "{ROW}", unnest(__broken) AS one FROM typed)
        WHERE one.column = 'BillingCurrency' ORDER BY 1"""
    ).fetchall()
    found = [f"{name}: column 'BillingCurrency': row {row} {reason}" for row, reason in broken[:_SHOWN]]
    more = len(broken) - _SHOWN
    return [*found, *([f"{name}: {more:,} more rows have no currency"] if more > 0 else [])]


def _typed(connection: Any) -> str:
    """The staged rows with typed twins (__name) and the rules that each breaks, NULL where it keeps all."""
    numbers = [f'{_number(column)} AS "__{column}"' for column in (*MONEY, *QUANTITIES)]
    moments = [f'{_moment(column)} AS "__{column}"' for column in MOMENTS]
    counts = [f'TRY_CAST({_number(column)} AS BIGINT) AS "__{column}"' for column in COUNTS]
    means = _speaks_of_tokens(duck.described(connection, "staged"))
    rules = [
        f"CASE WHEN {broken} THEN {{'column': '{column}', 'reason': {words_}}} END"
        for column, broken, words_ in _rules()
    ]
    is_broken = " OR ".join(f"coalesce({broken}, false)" for _, broken, _ in _rules())
    return f"""
        WITH cast_ AS (SELECT staged.*, {", ".join([*numbers, *moments, *counts])}, {means} AS __ai FROM staged),
        unit_ AS (
            SELECT cast_.*, c.factor AS __consumed, coalesce(c.doubt, p.doubt) AS __doubt, p.factor AS __priced
            FROM cast_
            LEFT JOIN units c ON c.unit = ConsumedUnit AND c.ai = __ai
            LEFT JOIN units p ON p.unit = PricingUnit AND p.ai = __ai),
        ruled AS (SELECT *, CASE WHEN {is_broken}
            THEN list_filter([{", ".join(rules)}], lambda rule: rule IS NOT NULL) END AS __broken FROM unit_)
        SELECT * EXCLUDE ({listed(_TEXT)}) REPLACE ({_replaced(connection)}) FROM ruled
    """


_METER_MODEL = (
    "nullif(regexp_extract(SkuMeter, '(?i)^(.*?)[ -]+(cached|cache|cchd|inp|input|outp|opt|output)([ -]|$)', 1), '')"
)
"""The model that the meter of a token charge names before it says which tokens: "gpt-4o Inp glbl Tokens"."""


def _replaced(connection: Any) -> str:
    """Cells that follow from others: quantities in tokens, the billing period, tokens by their direction."""
    tokens = "coalesce(__ConsumedQuantity * __consumed, __PricingQuantity * __priced)"
    has = set(duck.described(connection, "staged"))
    hints = [
        name
        for name in ("TokenDirection", "TokenCacheAction", "x_CacheStatus", "SkuMeter", "ChargeDescription")
        if name in has
    ]
    hint = f"lower(concat_ws(' ', {', '.join(hints)}))"
    given = " OR ".join(f'"{column}" IS NOT NULL' for column in TOKEN_COLUMNS)
    is_cached = f"regexp_matches({hint}, 'cache|cchd')"
    kinds = {
        "x_CacheWrite1hTokens": f"{is_cached} AND {hint} LIKE '%write%' AND regexp_matches({hint}, '1h|hour')",
        "x_CacheWrite5mTokens": f"{is_cached} AND regexp_matches({hint}, 'write|creation')",
        "x_CacheReadTokens": is_cached,
        "x_OutputTokens": f"regexp_matches({hint}, 'outp|output|completion')",
        "x_InputTokens": f"regexp_matches({hint}, 'inp|input|prompt')",
    }
    kind = "CASE " + " ".join(f"WHEN {test} THEN '{column}'" for column, test in kinds.items()) + " END"
    replaced = [
        f'CASE WHEN {given} THEN "__{column}" WHEN {tokens} IS NULL THEN NULL '
        f"WHEN ({kind}) = '{column}' THEN CAST(round({tokens}) AS BIGINT) END AS \"__{column}\""
        for column in TOKEN_COLUMNS
    ]
    billed = "coalesce(__BillingPeriodStart, date_trunc('month', __ChargePeriodStart))"
    return ", ".join(
        [
            *replaced,
            f"coalesce({tokens}, __ConsumedQuantity) AS __ConsumedQuantity",
            f"CASE WHEN {tokens} IS NULL THEN ConsumedUnit ELSE 'Tokens' END AS ConsumedUnit",
            f"{billed} AS __BillingPeriodStart",
            f"coalesce(__BillingPeriodEnd, {billed} + INTERVAL 1 MONTH) AS __BillingPeriodEnd",
            "coalesce(x_CostSource, 'billed') AS x_CostSource",
            "coalesce(ChargeCategory, 'Usage') AS ChargeCategory",
            f"{layers.layer_sql()} AS x_Layer",
            f"CASE WHEN {tokens} IS NULL THEN x_ModelId ELSE coalesce(x_ModelId, {_METER_MODEL}) END AS x_ModelId",
        ]
    )


def _number(column: str) -> str:
    """A cell as an exact decimal; thousands separators only where they cannot be taken for a decimal comma."""
    cell = f'"{column}"'
    plain = f"regexp_matches({cell}, '{PLAIN_NUMBER}')"
    written = f"regexp_matches({cell}, '{AMOUNT}')"
    clean = f"regexp_replace({cell}, '{BESIDE_DIGITS}', '', 'g')"
    return f"CASE WHEN {plain} THEN TRY_CAST({cell} AS {EXACT}) WHEN {written} THEN TRY_CAST({clean} AS {EXACT}) END"


def _moment(column: str) -> str:
    cell = f'"{column}"'
    return f"CASE WHEN regexp_matches({cell}, '{ISO_TIME}') THEN TRY_CAST({cell} AS TIMESTAMPTZ)::TIMESTAMP END"


def _rules() -> Iterator[tuple[str, str, str]]:
    """Column, when a row breaks the rule, and the words, in the order in which they are told."""
    codes = ", ".join(f"'{code}'" for code in sorted(CURRENCIES))
    for column in ("ChargePeriodStart", "ChargePeriodEnd"):
        yield column, f'"__{column}" IS NULL', _said(column, _DATE)
    words_ = _said("ChargePeriodEnd", "a period that ends after its ChargePeriodStart is expected")
    yield "ChargePeriodEnd", "__ChargePeriodEnd <= __ChargePeriodStart", words_
    yield "BilledCost", "__BilledCost IS NULL", _said("BilledCost", _NUMBER)
    currency = _said("BillingCurrency", "a currency code of ISO 4217 such as USD is expected")
    yield "BillingCurrency", f"BillingCurrency IS NULL OR BillingCurrency NOT IN ({codes})", currency
    dollar = _said("BilledCost", "a dollar sign in a currency that is no dollar: which of the two holds?")
    yield "BilledCost", "BilledCost LIKE '%$%' AND BillingCurrency NOT LIKE '%D'", dollar
    for column in (*MONEY[1:], *QUANTITIES):
        yield column, f'"{column}" IS NOT NULL AND "__{column}" IS NULL', _said(column, _NUMBER)
    for column in MOMENTS[2:]:
        yield column, f'"{column}" IS NOT NULL AND "__{column}" IS NULL', _said(column, _DATE)
    for column in COUNTS:
        whole = f'"{column}" IS NOT NULL AND ("__{column}" IS NULL OR {_number(column)} <> "__{column}")'
        yield column, whole, _said(column, "a whole number is expected")
        below = f'"__{column}" < 0 AND __BilledCost >= 0'
        yield column, below, _said(column, "less than zero is expected of corrections with a negative cost alone")
    yield "ConsumedUnit", "__doubt IS NOT NULL", "__doubt"


def _said(column: str, expected: str) -> str:
    shown = f"""CASE WHEN "{column}" IS NULL THEN 'is empty' ELSE 'has ''' || left("{column}", 40) || '''' END"""
    return f"{shown} || ', {expected}'"


_UNKNOWN = f"""
    SELECT coalesce(ConsumedUnit, PricingUnit) AS named, count(*), count(*) FILTER (regexp_matches(lower(
        concat_ws(' ', SkuMeter, ChargeDescription)), 'token|inp|outp|prompt|completion|cache')), sum(__BilledCost)
    FROM typed JOIN units ON unit = coalesce(ConsumedUnit, PricingUnit) AND ai = __ai
    WHERE __broken IS NULL AND NOT is_known
        AND {" AND ".join(f'"__{column}" IS NULL' for column in TOKEN_COLUMNS)}
    GROUP BY 1 ORDER BY 2 DESC, 1
"""
"""Units that nobody knows: rows, those whose meter speaks of tokens, and their cost."""


_REFUSED = f'SELECT "{ROW}", __broken FROM typed WHERE __broken IS NOT NULL ORDER BY 1'


def listed(columns: Sequence[str]) -> str:
    """Columns as SQL."""
    return ", ".join(f'"{column}"' for column in columns)
