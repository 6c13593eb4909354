"""What the shipped price tables say to each claim: one function a claim, every figure computed from the tables."""

from collections.abc import Callable

import pandas as pd

from aiecon.ingestion.claim_tables import Tables
from aiecon.units import HOURS_PER_MONTH, MINUTES_PER_MONTH, MONTHS_PER_YEAR, TOKENS_PER_MTOK

CALL_TOKENS = 10_000
"""Input tokens of the call that a price per token is tried on."""
MIX = (0.70, 0.20, 0.10)
"""Tokens on the budget, middle and premium model (S3-68)."""
LADDERS = (
    ("anthropic", ("claude-3-haiku-20240307", "claude-3-sonnet-20240229", "claude-3-opus-20240229")),
    ("openai", ("gpt-4o-mini", "gpt-4o", "gpt-4-turbo")),
    ("openai", ("gpt-4.1-nano", "gpt-4.1-mini", "gpt-4.1")),
    ("openai", ("gpt-5-nano", "gpt-5-mini", "gpt-5")),
    ("gemini", ("gemini-2.5-flash-lite", "gemini-2.5-flash", "gemini-2.5-pro")),
    ("anthropic", ("claude-haiku-4-5", "claude-sonnet-4-6", "claude-opus-4-6")),
)
PTU_MODELS = (
    *("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "o4-mini"),
    *("gpt-5", "gpt-5-mini", "gpt-5.2", "gpt-5.4", "gpt-5.5"),
)
HYPERSCALERS = ("aws", "azure", "gcp")
DOUBTED = ("contradicted", "superseded")
"""How the note of a GPU price begins that its own table no longer believes."""
REGION = r"^(?:[a-z]{2}(?:-[a-z]+)+-\d/|invoke/|us\.|eu\.|apac\.|global\.|jp\.|au\.|us-gov\.)+"
"""What Bedrock puts before a model's name for a region."""
CLAIMED_SPOT = 0.85
"""Least saving that spot was claimed to bring (S3-20)."""
FINE_TUNE = (5_000, 15_000, 5_000)
"""Claimed cost from and to, and input tokens saved by a query (S3-72, S3-73). [USD, USD, tokens]"""


def _percent(low: float, high: float) -> str:
    ends = f"{100 * low:.0f}", f"{100 * high:.0f}"
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} %"


def _per_token(tables: Tables, provider: str, model: str, claimed: float) -> str:
    listed = tables.price(provider, model)
    as_claimed, as_listed = CALL_TOKENS * claimed, CALL_TOKENS * listed / TOKENS_PER_MTOK
    return (
        f"{model} lists {listed:.2f} USD per million input tokens; {CALL_TOKENS:,} of them cost {as_listed:.4f} USD, "
        f"as claimed {as_claimed:,.2f} USD, {as_claimed / as_listed:,.0f} times as much."
    )


def gpt_4o_mini_price(tables: Tables) -> str:
    """Price a call of gpt-4o-mini as claimed per token and as listed."""
    return _per_token(tables, "openai", "gpt-4o-mini", 0.00015)


def gpt_4_turbo_price(tables: Tables) -> str:
    """Price a call of gpt-4-turbo as claimed per token and as listed."""
    output = tables.price("openai", "gpt-4-turbo", "output_per_mtok")
    return f"{_per_token(tables, 'openai', 'gpt-4-turbo', 0.015)} Output lists {output:.2f} USD per million."


def gemini_price(tables: Tables) -> str:
    """Price a call of a Gemini model as claimed per token and as listed."""
    output = tables.price("gemini", "gemini-2.5-pro", "output_per_mtok")
    return f"{_per_token(tables, 'gemini', 'gemini-2.5-pro', 0.01)} Output lists {output:.2f} USD per million."


def claude_price(tables: Tables) -> str:
    """Price a call of two Claude models as claimed per token and as listed."""
    haiku, sonnet = (
        _per_token(tables, "anthropic", "claude-haiku-4-5", 0.003),
        _per_token(tables, "anthropic", "claude-sonnet-4-6", 0.015),
    )
    output = tables.price("anthropic", "claude-sonnet-4-6", "output_per_mtok")
    return f"{haiku} {sonnet} Its output lists {output:.2f} USD per million."


def tier_savings(tables: Tables) -> list[float]:
    """Return what the mix saves against all premium, for input and output of every price ladder. [0..1]"""
    return [
        1
        - sum(share * tables.price(provider, model, column) for share, model in zip(MIX, models, strict=True))
        / tables.price(provider, models[-1], column)
        for provider, models in LADDERS
        for column in ("input_per_mtok", "output_per_mtok")
    ]


def tier_saving(tables: Tables) -> str:
    """Say what 70/20/10 saves on every price ladder."""
    low, high = min(tier_savings(tables)), max(tier_savings(tables))
    providers = len({provider for provider, _ in LADDERS})
    return (
        f"With 70, 20 and 10 % of tokens on the budget, middle and premium model, {len(LADDERS)} price ladders of "
        f"{providers} providers (2024 to 2026, input and output) save {_percent(low, high)}: all premium costs "
        f"{1 / (1 - low):.1f} to {1 / (1 - high):.1f} times the mix, and 10 % on premium keeps it below 10 times."
    )


def ptu_month_value(tables: Tables, model: str) -> float:
    """Return the pay-as-you-go value of the tokens that one fully used PTU serves in a month. [USD/PTU-month]"""
    rows = tables.all("capacity/ptu_throughput")
    rows = rows[(rows["provider"] == "azure") & (rows["model"] == model) & (rows["deployment"] == "global")]
    latest = rows.sort_values("retrieved_on").tail(1)
    tables.use("capacity/ptu_throughput", latest.index)
    per_minute = float(latest["tokens_per_minute"].iloc[0])
    return per_minute * MINUTES_PER_MONTH * tables.price("openai", model) / TOKENS_PER_MTOK


def _ptu_price(tables: Tables, deployment: str, term: str) -> float:
    """The lowest price of a unit. [USD/PTU-month]"""
    rows = tables.rows("capacity/ptu_prices", product="Azure OpenAI", deployment=deployment, term=term)
    return float(rows["price_per_unit_month"].min())


def ptu_saving(tables: Tables) -> str:
    """Say what a fully used PTU saves, and what the smallest deployments cost an hour."""
    year = _ptu_price(tables, "global", "year")
    savings = [1 - year / ptu_month_value(tables, model) for model in PTU_MODELS]
    hourly = {name: _ptu_price(tables, name, "hour") / HOURS_PER_MONTH for name in ("global", "regional")}
    rows = tables.rows("capacity/ptu_throughput", model="gpt-4o")
    rows = rows.sort_values("retrieved_on").drop_duplicates("deployment", keep="last")
    least = rows.set_index("deployment")["minimum_units"]
    return (
        f"Fully used, a PTU at the yearly price of {year:.0f} USD a month saves {_percent(min(savings), max(savings))} "
        f"over {len(PTU_MODELS)} models. The smallest gpt-4o deployment costs {least['global'] * hourly['global']:.0f} "
        f"USD an hour global ({least['global']:.0f} PTU) and {least['regional'] * hourly['regional']:.0f} regional "
        f"({least['regional']:.0f}); 40 USD would be {40 / hourly['global']:.0f} PTU global or "
        f"{40 / hourly['regional']:.0f} regional."
    )


def ptu_break_even(tables: Tables) -> str:
    """Say what a fully used PTU-month is worth and at what use each term pays."""
    values = {model: ptu_month_value(tables, model) for model in PTU_MODELS}
    prices = {term: _ptu_price(tables, "global", term) for term in ("hour", "month", "year")}
    listed = ", ".join(f"{model} {values[model]:.0f}" for model in ("gpt-4o", "gpt-4.1", "gpt-5"))
    shares = ", ".join(
        f"{price / values['gpt-5']:.0%} by the {term}"[:].replace("%", " %") for term, price in prices.items()
    )
    return (
        f"A fully used PTU-month is worth {min(values.values()):.0f} to {max(values.values()):.0f} USD of "
        f"pay-as-you-go over {len(values)} models ({listed}); at "
        f"{', '.join(f'{price:.0f}' for price in prices.values())} USD a PTU-month gpt-5 breaks even at {shares}."
    )


def _gpu_rows(tables: Tables, gpu: str = "", *purchases: str) -> pd.DataFrame:
    """GPU prices that its table still believes and whose source is better than a rumour."""
    rows = tables.all("gpu/gpu_prices")
    doubted = rows["note"].fillna("").str.startswith(DOUBTED) | (rows["grade"] == "rumour")
    named = rows["gpu"].str.contains(gpu, regex=False) & rows["purchase"].isin(purchases)
    return tables.rows("gpu/gpu_prices", ~doubted & named)


def spot_savings(tables: Tables, gpu: str = "") -> pd.DataFrame:
    """Return what the dearest and the cheapest spot price save on the cheapest on-demand price. [0..1]

    One row a provider and GPU that has both: columns least, most.
    """
    prices = _gpu_rows(tables, gpu, "on_demand", "spot")
    found = prices.groupby(["provider", "gpu", "purchase"])["price_per_gpu_hour"].agg(["min", "max"])
    on_demand = found.xs("on_demand", level="purchase")["min"]
    spot = found.xs("spot", level="purchase")
    saved = pd.DataFrame({"least": 1 - spot["max"] / on_demand, "most": 1 - spot["min"] / on_demand})
    return saved.dropna()


def spot_saving(tables: Tables) -> str:
    """Say what spot saves against on-demand of the same provider and GPU."""
    every, h100 = spot_savings(tables), spot_savings(tables, "H100")
    named = ", ".join(f"{_zones(rows)} at {name}" for name, rows in h100.groupby("provider") if name in HYPERSCALERS)
    best = every["most"].idxmax()
    return (
        f"Against on-demand of the same provider spot H100 saves {named}, and "
        f"{_percent(h100['least'].min(), h100['most'].max())} over {len(h100)} offers (below zero: "
        f"dearer). Over all {len(every)} pairs of provider and GPU the median of the best zones is "
        f"{100 * every['most'].median():.0f} %; {(every['most'] >= CLAIMED_SPOT).sum()} reaches 85 %, {best[1]} at "
        f"{best[0]} in its one cheapest zone ({100 * every['most'].max():.0f} %)."
    )


def _zones(rows: pd.DataFrame) -> str:
    least, most = float(rows["least"].min()), float(rows["most"].max())
    return _percent(least, most) + (" from the dearest to the cheapest zone" if least < most else "")


def spot_price(tables: Tables) -> str:
    """Say what a spot H100 costs an hour, at hyperscalers and elsewhere."""
    spot = _gpu_rows(tables, "H100", "spot")
    large = spot["provider"].isin(HYPERSCALERS)
    return (
        f"Spot H100 lists {_hours(spot[large])} USD an hour at hyperscalers, where the dearest zones give no discount, "
        f"and {_hours(spot[~large])} elsewhere."
    )


def _hours(rows: pd.DataFrame) -> str:
    low, high = rows["price_per_gpu_hour"].min(), rows["price_per_gpu_hour"].max()
    return f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"


def h100_price(tables: Tables) -> str:
    """Say what an H100 costs an hour on demand at the three hyperscalers."""
    rows = _gpu_rows(tables, "H100", "on_demand")
    large = [name for name in HYPERSCALERS if name in set(rows["provider"])]
    named = ", ".join(f"{name} {_hours(rows[rows['provider'] == name])}" for name in large)
    others = rows[~rows["provider"].isin(HYPERSCALERS)]
    return f"An H100 lists per GPU-hour on demand: {named} USD; {others['provider'].nunique()} others {_hours(others)}."


def specialist_saving(tables: Tables) -> str:
    """Say how far specialist clouds undercut the cheapest hyperscaler for an H100 on demand."""
    rows = _gpu_rows(tables, "H100", "on_demand")
    large = rows["provider"].isin(HYPERSCALERS)
    cheapest = rows.loc[large, "price_per_gpu_hour"].min()
    savings = 1 - rows.loc[~large, "price_per_gpu_hour"] / cheapest
    return (
        f"Against the cheapest hyperscaler on demand ({cheapest:.2f} USD an hour) {len(savings)} H100 offers of "
        f"specialists save {_percent(savings.min(), savings.max())}."
    )


def _cached(tables: Tables, provider: str, model: str) -> float:
    return 1 - tables.price(provider, model, "cached_input_per_mtok") / tables.price(provider, model)


def caching(tables: Tables) -> str:
    """Say what a cached input token saves by model family, and what writing it costs."""
    openai = ", ".join(
        f"{100 * _cached(tables, 'openai', name):.0f} % on {name}" for name in ("gpt-4o", "gpt-4.1", "gpt-5")
    )
    sonnet = "claude-sonnet-4-6"
    write = tables.price("anthropic", sonnet, "cache_write_per_mtok") / tables.price("anthropic", sonnet)
    return (
        f"A cached input token saves {openai}, {100 * _cached(tables, 'anthropic', sonnet):.0f} % on {sonnet} "
        f"(writing it costs {write:.2f} times the input price) and "
        f"{100 * _cached(tables, 'gemini', 'gemini-2.5-pro'):.0f} % on gemini-2.5-pro; output is never cheaper."
    )


def batch(tables: Tables) -> str:
    """Say what batch saves over every model that has a batch price."""
    rows = tables.rows("prices/token_prices", tables.all("prices/token_prices")["batch_discount"].notna())
    half = (rows["batch_discount"] == 0.5).sum()
    return (
        f"{len(rows)} price levels of {rows['provider'].nunique()} providers record a batch discount: {half} of 50 %, "
        f"all within {_percent(rows['batch_discount'].min(), rows['batch_discount'].max())}."
    )


def fine_tune_payback(tables: Tables) -> str:
    """Say after how many queries the input tokens saved repay a fine-tune."""
    low, high, tokens = FINE_TUNE
    parts = []
    for provider, model in (("anthropic", "claude-sonnet-4-6"), ("openai", "gpt-4o-mini")):
        saved = tokens * tables.price(provider, model) / TOKENS_PER_MTOK
        parts.append(f"{saved:.5g} USD a query at {model} prices: {low / saved:,.0f} to {high / saved:,.0f} queries")
    return f"Saving {tokens:,} input tokens is worth {'; '.join(parts)} repay {low:,} to {high:,} USD."


def context_discipline(tables: Tables) -> str:
    """Say how much less a query costs with a tenth of the context and the same output."""
    model = "claude-sonnet-4-6"
    per_input, per_output = tables.price("anthropic", model), tables.price("anthropic", model, "output_per_mtok")
    wide, narrow = (tokens * per_input + 500 * per_output for tokens in (50_000, 5_000))
    return (
        f"At {model} prices a query of 50,000 input and 500 output tokens costs {wide / TOKENS_PER_MTOK:.4f} "
        f"USD, with 5,000 input tokens {narrow / TOKENS_PER_MTOK:.4f}: {wide / narrow:.1f} times."
    )


def _cuts(tables: Tables, provider: str, before: str, after: str) -> str:
    cuts = [
        1 - tables.price(provider, after, f"{side}_per_mtok") / tables.price(provider, before, f"{side}_per_mtok")
        for side in ("input", "output")
    ]
    return f"{after} lists {100 * cuts[0]:.0f} % less than {before} for input and {100 * cuts[1]:.0f} % for output."


def gpt_4_turbo_cut(tables: Tables) -> str:
    """Say how far gpt-4-turbo lies below gpt-4."""
    return _cuts(tables, "openai", "gpt-4", "gpt-4-turbo")


def gemini_flash_cut(tables: Tables) -> str:
    """Say how far a Gemini Flash lies below its Pro."""
    return _cuts(tables, "gemini", "gemini-2.5-pro", "gemini-2.5-flash")


def gpt_5_4_migration(tables: Tables) -> str:
    """Say what moving from gpt-4o to gpt-5.4 does to prices."""
    said = []
    for side in ("input", "output"):
        old, new = (tables.price("openai", model, f"{side}_per_mtok") for model in ("gpt-4o", "gpt-5.4"))
        said.append(f"{side} from {old:.2f} to {new:.2f} USD per million ({100 * (new / old - 1):+.0f} %)")
    return f"gpt-4o to gpt-5.4 moves {' and '.join(said)}."


def unit_price_direction(tables: Tables) -> str:
    """Say where the input price of OpenAI's leading models went."""
    models = ("gpt-4", "gpt-4-turbo", "gpt-4o", "gpt-5", "gpt-5.5")
    listed = ", ".join(f"{model} {tables.price('openai', model):.2f}" for model in models)
    return f"USD per million input tokens of leading OpenAI models in order of release: {listed}."


def bedrock_models(tables: Tables) -> str:
    """Say which Gemini and OpenAI models Bedrock lists."""
    names = tables.rows("prices/token_prices", provider="bedrock")["model"]
    models = names.str.replace(REGION, "", regex=True).drop_duplicates()
    openai = models[models.str.startswith("openai.")]
    open_weight = openai.str.contains("gpt-oss").sum()
    return (
        f"Of {len(models)} Bedrock models priced here {models.str.contains('gemini').sum()} are Gemini and "
        f"{len(openai)} OpenAI, {open_weight} of them open-weight."
    )


def _floor(seats: float, price: float) -> float:
    return seats * price * MONTHS_PER_YEAR


def _plan(tables: Tables, vendor: str, name: str) -> pd.Series:
    return tables.rows("seats/seat_plans", vendor=vendor, name=name).iloc[0]


def openai_seats(tables: Tables) -> str:
    """Say what the claimed seat price means a year at least, and what the table has."""
    least, business = (
        _plan(tables, "OpenAI", "ChatGPT Enterprise")["minimum_seats"],
        _plan(tables, "OpenAI", "ChatGPT Business"),
    )
    return (
        f"{least:.0f} seats at 45 to 75 USD are {_floor(least, 45):,.0f} to {_floor(least, 75):,.0f} USD a year at "
        f"least; no Enterprise price is published, ChatGPT Business lists {business['price_per_seat_month']:.0f} USD a "
        f"seat and month from {business['minimum_seats']:.0f} seats."
    )


def claude_seats(tables: Tables) -> str:
    """Say what the claimed seat price meant a year at least, and what the table has."""
    plan = _plan(tables, "Anthropic", "Claude Enterprise")
    price, least = plan["price_per_seat_month"], plan["minimum_seats"]
    return (
        f"500 seats at 30 to 35 USD were {_floor(500, 30):,.0f} to {_floor(500, 35):,.0f} USD a year at least; Claude "
        f"Enterprise now lists {price:.0f} USD a seat and month from {least:.0f} seats, {_floor(least, price):,.0f} "
        "USD a year, with all usage metered on top."
    )


_FUNCTIONS: tuple[Callable[[Tables], str], ...] = (
    *(gpt_4o_mini_price, gpt_4_turbo_price, gemini_price, claude_price, tier_saving),
    *(ptu_saving, ptu_break_even, spot_saving, spot_price, h100_price),
    *(specialist_saving, caching, batch, fine_tune_payback, context_discipline),
    *(gpt_4_turbo_cut, gemini_flash_cut, gpt_5_4_migration, unit_price_direction, bedrock_models),
    *(openai_seats, claude_seats),
)
CHECKS: dict[str, Callable[[Tables], str]] = {function.__name__: function for function in _FUNCTIONS}
"""Name in the `check` column -> function that says what the tables say."""
