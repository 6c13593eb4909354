"""What the shipped price tables say to each claim: one function a claim, every figure computed from the tables."""

from collections.abc import Callable
from functools import cache

import pandas as pd

from aiecon import resources
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
FINE_TUNE = (5_000, 15_000, 5_000)
"""Claimed cost from and to, and input tokens saved by a query (S3-72, S3-73). [USD, USD, tokens]"""


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(resources.path(f"data/{name}.csv"))


def _price(provider: str, model: str, column: str = "input_per_mtok") -> float:
    """The latest recorded price. [currency/Mtok]"""
    rows = _table("prices/token_prices")
    rows = rows[(rows["provider"] == provider) & (rows["model"] == model)].sort_values("effective_from")
    return float(rows[column].iloc[-1])


def _percent(low: float, high: float) -> str:
    ends = f"{100 * low:.0f}", f"{100 * high:.0f}"
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} %"


def _per_token(provider: str, model: str, claimed: float) -> str:
    listed = _price(provider, model)
    as_claimed, as_listed = CALL_TOKENS * claimed, CALL_TOKENS * listed / TOKENS_PER_MTOK
    return (
        f"{model} lists {listed:.2f} USD per million input tokens; {CALL_TOKENS:,} of them cost {as_listed:.4f} USD, "
        f"as claimed {as_claimed:,.2f} USD, {as_claimed / as_listed:,.0f} times as much."
    )


def gpt_4o_mini_price() -> str:
    """Price a call of gpt-4o-mini as claimed per token and as listed."""
    return _per_token("openai", "gpt-4o-mini", 0.00015)


def gpt_4_turbo_price() -> str:
    """Price a call of gpt-4-turbo as claimed per token and as listed."""
    output = _price("openai", "gpt-4-turbo", "output_per_mtok")
    return f"{_per_token('openai', 'gpt-4-turbo', 0.015)} Output lists {output:.2f} USD per million."


def gemini_price() -> str:
    """Price a call of a Gemini model as claimed per token and as listed."""
    output = _price("gemini", "gemini-2.5-pro", "output_per_mtok")
    return f"{_per_token('gemini', 'gemini-2.5-pro', 0.01)} Output lists {output:.2f} USD per million."


def claude_price() -> str:
    """Price a call of two Claude models as claimed per token and as listed."""
    haiku, sonnet = (
        _per_token("anthropic", "claude-haiku-4-5", 0.003),
        _per_token("anthropic", "claude-sonnet-4-6", 0.015),
    )
    output = _price("anthropic", "claude-sonnet-4-6", "output_per_mtok")
    return f"{haiku} {sonnet} Its output lists {output:.2f} USD per million."


def tier_savings() -> list[float]:
    """Return what the mix saves against all premium, for input and output of every price ladder. [0..1]"""
    return [
        1
        - sum(share * _price(provider, model, column) for share, model in zip(MIX, models, strict=True))
        / _price(provider, models[-1], column)
        for provider, models in LADDERS
        for column in ("input_per_mtok", "output_per_mtok")
    ]


def tier_saving() -> str:
    """Say what 70/20/10 saves on every price ladder."""
    low, high = min(tier_savings()), max(tier_savings())
    providers = len({provider for provider, _ in LADDERS})
    return (
        f"With 70, 20 and 10 % of tokens on the budget, middle and premium model, {len(LADDERS)} price ladders of "
        f"{providers} providers (2024 to 2026, input and output) save {_percent(low, high)}: all premium costs "
        f"{1 / (1 - low):.1f} to {1 / (1 - high):.1f} times the mix, and 10 % on premium keeps it below 10 times."
    )


def ptu_month_value(model: str) -> float:
    """Return the pay-as-you-go value of the tokens that one fully used PTU serves in a month. [USD/PTU-month]"""
    rows = _table("capacity/ptu_throughput")
    rows = rows[(rows["provider"] == "azure") & (rows["model"] == model) & (rows["deployment"] == "global")]
    per_minute = float(rows.sort_values("retrieved_on")["tokens_per_minute"].iloc[-1])
    return per_minute * MINUTES_PER_MONTH * _price("openai", model) / TOKENS_PER_MTOK


def _ptu_price(deployment: str, term: str) -> float:
    """The lowest price of a unit. [USD/PTU-month]"""
    rows = _table("capacity/ptu_prices")
    rows = rows[(rows["product"] == "Azure OpenAI") & (rows["deployment"] == deployment) & (rows["term"] == term)]
    return float(rows["price_per_unit_month"].min())


def ptu_saving() -> str:
    """Say what a fully used PTU saves, and what the smallest deployments cost an hour."""
    year = _ptu_price("global", "year")
    savings = [1 - year / ptu_month_value(model) for model in PTU_MODELS]
    hourly = {name: _ptu_price(name, "hour") / HOURS_PER_MONTH for name in ("global", "regional")}
    rows = _table("capacity/ptu_throughput")
    rows = rows[rows["model"] == "gpt-4o"].sort_values("retrieved_on").drop_duplicates("deployment", keep="last")
    least = rows.set_index("deployment")["minimum_units"]
    return (
        f"Fully used, a PTU at the yearly price of {year:.0f} USD a month saves {_percent(min(savings), max(savings))} "
        f"over {len(PTU_MODELS)} models. The smallest gpt-4o deployment costs {least['global'] * hourly['global']:.0f} "
        f"USD an hour global ({least['global']:.0f} PTU) and {least['regional'] * hourly['regional']:.0f} regional "
        f"({least['regional']:.0f}); 40 USD would be {40 / hourly['global']:.0f} PTU global or "
        f"{40 / hourly['regional']:.0f} regional."
    )


def ptu_break_even() -> str:
    """Say what a fully used PTU-month is worth and at what use each term pays."""
    values = {model: ptu_month_value(model) for model in PTU_MODELS}
    prices = {term: _ptu_price("global", term) for term in ("hour", "month", "year")}
    listed = ", ".join(f"{model} {values[model]:.0f}" for model in ("gpt-4o", "gpt-4.1", "gpt-5"))
    shares = ", ".join(
        f"{price / values['gpt-5']:.0%} by the {term}"[:].replace("%", " %") for term, price in prices.items()
    )
    return (
        f"A fully used PTU-month is worth {min(values.values()):.0f} to {max(values.values()):.0f} USD of "
        f"pay-as-you-go over {len(values)} models ({listed}); at "
        f"{', '.join(f'{price:.0f}' for price in prices.values())} USD a PTU-month gpt-5 breaks even at {shares}."
    )


def _gpu_rows(gpu: str = "") -> pd.DataFrame:
    """GPU prices its table still believes."""
    rows = _table("gpu/gpu_prices")
    doubted = rows["note"].fillna("").str.startswith(DOUBTED)
    return rows[~doubted & rows["gpu"].str.contains(gpu, regex=False)]


def spot_savings(gpu: str = "") -> pd.Series:
    """Return the median spot price's saving on the median on-demand price, by provider and GPU. [0..1]"""
    medians = _gpu_rows(gpu).groupby(["provider", "gpu", "purchase"])["price_per_gpu_hour"].median().unstack("purchase")
    both = medians.dropna(subset=["on_demand", "spot"])
    return 1 - both["spot"] / both["on_demand"]


def spot_saving() -> str:
    """Say what spot saves against on-demand of the same provider and GPU."""
    every, h100 = spot_savings(), spot_savings("H100")
    best = h100.groupby("provider").max()
    named = ", ".join(f"{100 * best[name]:.0f} % at {name}" for name in HYPERSCALERS if name in best)
    return (
        f"Against on-demand of the same provider spot H100 saves {named}, and {_percent(h100.min(), h100.max())} over "
        f"{len(h100)} offers (below zero: dearer); over all {len(every)} pairs of provider and GPU the median is "
        f"{100 * every.median():.0f} %, the most {100 * every.max():.0f} %, and {(every >= 0.85).sum()} save 85 %."
    )


def spot_price() -> str:
    """Say what a spot H100 costs an hour, at hyperscalers and elsewhere."""
    rows = _gpu_rows("H100")
    spot = rows[rows["purchase"] == "spot"]
    large = spot["provider"].isin(HYPERSCALERS)
    return f"Spot H100 lists {_hours(spot[large])} USD an hour at hyperscalers and {_hours(spot[~large])} elsewhere."


def _hours(rows: pd.DataFrame) -> str:
    low, high = rows["price_per_gpu_hour"].min(), rows["price_per_gpu_hour"].max()
    return f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"


def h100_price() -> str:
    """Say what an H100 costs an hour on demand at the three hyperscalers."""
    rows = _gpu_rows("H100")
    rows = rows[rows["purchase"] == "on_demand"]
    named = ", ".join(f"{name} {_hours(rows[rows['provider'] == name])}" for name in HYPERSCALERS)
    others = rows[~rows["provider"].isin(HYPERSCALERS)]
    return f"An H100 lists per GPU-hour on demand: {named} USD; {others['provider'].nunique()} others {_hours(others)}."


def specialist_saving() -> str:
    """Say how far specialist clouds undercut the cheapest hyperscaler for an H100 on demand."""
    rows = _gpu_rows("H100")
    rows = rows[rows["purchase"] == "on_demand"]
    large = rows["provider"].isin(HYPERSCALERS)
    cheapest = rows.loc[large, "price_per_gpu_hour"].min()
    savings = 1 - rows.loc[~large, "price_per_gpu_hour"] / cheapest
    return (
        f"Against the cheapest hyperscaler on demand ({cheapest:.2f} USD an hour) {len(savings)} H100 offers of "
        f"specialists save {_percent(savings.min(), savings.max())}."
    )


def _cached(provider: str, model: str) -> float:
    return 1 - _price(provider, model, "cached_input_per_mtok") / _price(provider, model)


def caching() -> str:
    """Say what a cached input token saves by model family, and what writing it costs."""
    openai = ", ".join(f"{100 * _cached('openai', name):.0f} % on {name}" for name in ("gpt-4o", "gpt-4.1", "gpt-5"))
    sonnet = "claude-sonnet-4-6"
    write = _price("anthropic", sonnet, "cache_write_per_mtok") / _price("anthropic", sonnet)
    return (
        f"A cached input token saves {openai}, {100 * _cached('anthropic', sonnet):.0f} % on {sonnet} (writing it "
        f"costs {write:.2f} times the input price) and {100 * _cached('gemini', 'gemini-2.5-pro'):.0f} % on "
        "gemini-2.5-pro; output is never cheaper."
    )


def batch() -> str:
    """Say what batch saves over every model that has a batch price."""
    rows = _table("prices/token_prices").dropna(subset=["batch_discount"])
    half = (rows["batch_discount"] == 0.5).sum()
    return (
        f"{len(rows)} price levels of {rows['provider'].nunique()} providers record a batch discount: {half} of 50 %, "
        f"all within {_percent(rows['batch_discount'].min(), rows['batch_discount'].max())}."
    )


def fine_tune_payback() -> str:
    """Say after how many queries the input tokens saved repay a fine-tune."""
    low, high, tokens = FINE_TUNE
    parts = []
    for provider, model in (("anthropic", "claude-sonnet-4-6"), ("openai", "gpt-4o-mini")):
        saved = tokens * _price(provider, model) / TOKENS_PER_MTOK
        parts.append(f"{saved:.5g} USD a query at {model} prices: {low / saved:,.0f} to {high / saved:,.0f} queries")
    return f"Saving {tokens:,} input tokens is worth {'; '.join(parts)} repay {low:,} to {high:,} USD."


def context_discipline() -> str:
    """Say how much less a query costs with a tenth of the context and the same output."""
    model = "claude-sonnet-4-6"
    per_input, per_output = _price("anthropic", model), _price("anthropic", model, "output_per_mtok")
    wide, narrow = (tokens * per_input + 500 * per_output for tokens in (50_000, 5_000))
    return (
        f"At {model} prices a query of 50,000 input and 500 output tokens costs {wide / TOKENS_PER_MTOK:.4f} "
        f"USD, with 5,000 input tokens {narrow / TOKENS_PER_MTOK:.4f}: {wide / narrow:.1f} times."
    )


def _cuts(provider: str, before: str, after: str) -> str:
    cuts = [
        1 - _price(provider, after, f"{side}_per_mtok") / _price(provider, before, f"{side}_per_mtok")
        for side in ("input", "output")
    ]
    return f"{after} lists {100 * cuts[0]:.0f} % less than {before} for input and {100 * cuts[1]:.0f} % for output."


def gpt_4_turbo_cut() -> str:
    """Say how far gpt-4-turbo lies below gpt-4."""
    return _cuts("openai", "gpt-4", "gpt-4-turbo")


def gemini_flash_cut() -> str:
    """Say how far a Gemini Flash lies below its Pro."""
    return _cuts("gemini", "gemini-2.5-pro", "gemini-2.5-flash")


def gpt_5_4_migration() -> str:
    """Say what moving from gpt-4o to gpt-5.4 does to prices."""
    said = []
    for side in ("input", "output"):
        old, new = (_price("openai", model, f"{side}_per_mtok") for model in ("gpt-4o", "gpt-5.4"))
        said.append(f"{side} from {old:.2f} to {new:.2f} USD per million ({100 * (new / old - 1):+.0f} %)")
    return f"gpt-4o to gpt-5.4 moves {' and '.join(said)}."


def unit_price_direction() -> str:
    """Say where the input price of OpenAI's leading models went."""
    models = ("gpt-4", "gpt-4-turbo", "gpt-4o", "gpt-5", "gpt-5.5")
    listed = ", ".join(f"{model} {_price('openai', model):.2f}" for model in models)
    return f"USD per million input tokens of leading OpenAI models in order of release: {listed}."


def bedrock_models() -> str:
    """Say which Gemini and OpenAI models Bedrock lists."""
    rows = _table("prices/token_prices")
    models = rows.loc[rows["provider"] == "bedrock", "model"].drop_duplicates()
    openai = models[models.str.startswith("openai.")]
    open_weight = openai.str.contains("gpt-oss").sum()
    return (
        f"Of {len(models)} Bedrock models priced here {models.str.contains('gemini').sum()} are Gemini and "
        f"{len(openai)} OpenAI, {open_weight} of them open-weight."
    )


def _floor(seats: float, price: float) -> float:
    return seats * price * MONTHS_PER_YEAR


def _plan(vendor: str, name: str) -> pd.Series:
    rows = _table("seats/seat_plans")
    return rows[(rows["vendor"] == vendor) & (rows["name"] == name)].iloc[0]


def openai_seats() -> str:
    """Say what the claimed seat price means a year at least, and what the table has."""
    least, business = _plan("OpenAI", "ChatGPT Enterprise")["minimum_seats"], _plan("OpenAI", "ChatGPT Business")
    return (
        f"{least:.0f} seats at 45 to 75 USD are {_floor(least, 45):,.0f} to {_floor(least, 75):,.0f} USD a year at "
        f"least; no Enterprise price is published, ChatGPT Business lists {business['price_per_seat_month']:.0f} USD a "
        f"seat and month from {business['minimum_seats']:.0f} seats."
    )


def claude_seats() -> str:
    """Say what the claimed seat price meant a year at least, and what the table has."""
    plan = _plan("Anthropic", "Claude Enterprise")
    price, least = plan["price_per_seat_month"], plan["minimum_seats"]
    return (
        f"500 seats at 30 to 35 USD were {_floor(500, 30):,.0f} to {_floor(500, 35):,.0f} USD a year at least; Claude "
        f"Enterprise now lists {price:.0f} USD a seat and month from {least:.0f} seats, {_floor(least, price):,.0f} "
        "USD a year, with all usage metered on top."
    )


_FUNCTIONS: tuple[Callable[[], str], ...] = (
    *(gpt_4o_mini_price, gpt_4_turbo_price, gemini_price, claude_price, tier_saving),
    *(ptu_saving, ptu_break_even, spot_saving, spot_price, h100_price),
    *(specialist_saving, caching, batch, fine_tune_payback, context_discipline),
    *(gpt_4_turbo_cut, gemini_flash_cut, gpt_5_4_migration, unit_price_direction, bedrock_models),
    *(openai_seats, claude_seats),
)
CHECKS: dict[str, Callable[[], str]] = {function.__name__: function for function in _FUNCTIONS}
"""Name in the `check` column -> function that says what the tables say."""
