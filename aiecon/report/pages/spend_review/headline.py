"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

from typing import Any

import pandas as pd

from aiecon.charts.formats import full, money, percent, signed_percent, significant
from aiecon.charts.spend_review import phantom_items
from aiecon.models.spend_review import SpendReview
from aiecon.models.spend_review.drivers import DRIVERS
from aiecon.models.spend_review.phantom import UNSAID, is_all_taggable
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.source import Source
from aiecon.vocabulary.spend import DIMENSIONS

_SAME = 0.0005  # a change that prints as 0.0 %
_TENTH = 0.1


def sentence(answer: SpendReview) -> str:
    """The answer as one sentence: what it cost, how much of it has an owner, what an outcome costs."""
    currency = answer.currency
    only = f" ({filter_words(answer)} only)" if answer.inputs.where else ""
    said = f"{period_words(answer)}{only} cost {money(answer.billed_cost, currency)}{_against(answer)}"
    share = answer.owned_share
    owned = f"{percent(share) if share else 'none'} of {_what_can(answer)} a {dimension_of(answer)}"
    if share is None:
        owned = "nothing was billed" if not answer.billed_cost else "nothing but credits and taxes was billed"
    top = top_use_case(answer)
    if top is None:
        missing = "has outcomes in the period" if answer.inputs.outcomes else "outcomes were given to hold it against"
        return f"{said}; {owned}, and no {'use case ' if answer.inputs.outcomes else ''}{missing}."
    each = f"“{top['use_case']}” costs {money(top['cost_per_outcome'], currency)} each by its own charges"
    return f"{said}; {owned}, and {each}."


def _what_can(answer: SpendReview) -> str:
    """What can have an owner: the bill, or of a bill with credits and taxes the charges that carry tags."""
    return "it has" if is_all_taggable(answer.rows) else "its use and purchases have"


def period_words(answer: SpendReview) -> str:
    """The period, and how far it has come where it is not over."""
    return answer.label if is_over(answer) else f"{answer.label}, up to {answer.as_of},"


def is_over(answer: SpendReview) -> bool:
    """Whether the charges reach the period's end."""
    return answer.span[1] <= answer.as_of


def _against(answer: SpendReview) -> str:
    before = answer.before_cost
    if before is None:
        return ""
    if not is_over(answer):
        return f" (all of {answer.before_label}: {money(before, answer.currency)})"
    if before <= 0:
        return f", nothing having been billed in {answer.before_label}"
    change = answer.billed_cost / before - 1
    if abs(change) < _SAME:
        return f", as much as {answer.before_label}"
    return f", {percent(abs(change))} {'more' if change > 0 else 'less'} than {answer.before_label}"


def filter_words(answer: SpendReview) -> str:
    """The charges that count, in words."""
    return " and ".join(f"{key} = {value}" for key, value in (answer.inputs.where or {}).items())


def dimension_of(answer: SpendReview) -> str:
    """What says whose a charge is, in words."""
    return DIMENSIONS.get(answer.inputs.dimension, answer.inputs.dimension)


def top_use_case(answer: SpendReview) -> dict[str, Any] | None:
    """The dearest use case that has outcomes."""
    table = answer.unit_economics
    if "cost_per_outcome" not in table:
        return None
    known = table[table["cost_per_outcome"].notna()]
    return known.iloc[0].to_dict() if len(known) else None


def losing(answer: SpendReview) -> pd.DataFrame:
    """Use cases whose stated value is below what they cost, largest gap first."""
    table = answer.unit_economics
    if "roi" not in table:
        return table
    found = table[table["roi"] < 1]
    return found.loc[(found["billed"] - found["value"]).sort_values(ascending=False).index]


def headline(answer: SpendReview) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: SpendReview) -> str:
    """Return act where too little is owned or an invoice is off; watch where more should be or something stands out."""
    share = 1.0 if answer.owned_share is None else answer.owned_share
    if share < answer.inputs.act_below or len(off_invoices(answer)):
        return "act"
    stands_out = len(answer.outliers) or len(answer.alarms) or len(losing(answer))
    return "watch" if share < answer.inputs.watch_below or stands_out else "fine"


def off_invoices(answer: SpendReview) -> pd.DataFrame:
    """Invoices of which more than the tolerance is not explained, largest first."""
    found = answer.reconciled
    if found is None:
        return pd.DataFrame()
    off = found[found["unexplained"].abs() > answer.inputs.invoice_tolerance * found["invoiced"].abs()]
    return off.sort_values("unexplained", key=abs, ascending=False, kind="stable")


def is_synthetic(answer: SpendReview) -> bool:
    """Whether the page shows the made-up sample company."""
    return any(isinstance(one, Source) and one.is_sample for one in (answer.inputs.spend, answer.inputs.outcomes))


def figures(answer: SpendReview) -> Block:
    """Billed, attributed, cost of an outcome and value over spend, each with what it is compared to."""
    currency = answer.currency
    cards = [
        (f"Billed, {answer.label}", money(answer.billed_cost, currency), _billed_words(answer)),
        (
            f"Has a {dimension_of(answer)}",
            "–" if answer.owned_share is None else percent(answer.owned_share),
            f"{money(answer.unowned_cost, currency)} is nobody's{_apart(answer)}",
        ),
    ]
    top = top_use_case(answer)
    if top is not None:
        cards.append(
            (f"“{top['use_case']}”", f"{money(top['cost_per_outcome'], currency)} each", _cost_words(top, answer))
        )
    if answer.roi is not None:
        value = f"{money(answer.value or 0.0, currency)} of stated value"
        cards.append(("Value over spend", f"{significant(answer.roi)} times", value))
    elif answer.model_efficiency_ratio is not None:
        count = f"{full(answer.counted_requests)} requests"
        cards.append(("Token cost of a request", money(answer.model_efficiency_ratio, currency), count))
    return blocks.figures(cards)


def _apart(answer: SpendReview) -> str:
    """What of nobody's the tables count besides."""
    return "" if is_all_taggable(answer.rows) else ", credits and taxes apart"


def _billed_words(answer: SpendReview) -> str:
    before = answer.before_cost
    if before is None:
        return "nothing before it to compare with"
    if before <= 0 or not is_over(answer):
        return f"{answer.before_label}: {money(before, answer.currency)}"
    return f"{signed_percent(answer.billed_cost / before - 1)} against {answer.before_label}"


def _cost_words(top: dict[str, Any], answer: SpendReview) -> str:
    if pd.isna(top["cost_before"]):
        return f"its own charges over {full(top['outcomes'])} of them"
    change = signed_percent(top["cost_per_outcome"] / top["cost_before"] - 1)
    return f"its own charges; {change} against {answer.before_label}"


def decision(answer: SpendReview) -> Block:
    """What to decide, who, by when, and what would change it."""
    review = pd.Timestamp(answer.as_of) + pd.offsets.MonthEnd(1)
    by = f"the next month-end review, {review:%Y-%m-%d}"
    return blocks.decision(what=_what(answer), who=_who(answer), by=by, changes=_changes(answer))


def _who(answer: SpendReview) -> str:
    losers = losing(answer)
    if answer.owned_share is not None and answer.owned_share < answer.inputs.act_below:
        return "finance partner with the platform lead"
    return "finance partner with the owner of the use case" if len(losers) else "finance partner with the team leads"


def _what(answer: SpendReview) -> str:
    """The most urgent thing first: owners, then what loses, what stands out, then closing the period."""
    asked = [_invoice_words(answer, row) for row in off_invoices(answer).head(1).to_dict("records")]
    share = answer.owned_share
    if share is not None and share < answer.inputs.watch_below:
        asked.append(_owner_words(answer))
    losers = losing(answer)
    if len(losers):
        row = losers.iloc[0]
        asked.append(
            f"Decide whether “{row['use_case']}” goes on: {money(row['billed'], answer.currency)} were spent for a "
            f"stated value of {money(row['value'], answer.currency)}."
        )
    if len(answer.outliers):
        row = answer.outliers.iloc[0]
        asked.append(
            f"Ask {row['peer']} why a request to {row['model']} costs {significant(row['ratio'], 2)} times what its "
            f"peers pay: {money(row['excess'], answer.currency)} more than at their median."
        )
    if answer.alarms:
        spike = answer.alarms[0]
        asked.append(
            f"Explain {spike.date:%Y-%m-%d}: {money(spike.excess, answer.currency)} more than a day of its kind, "
            f"likely {DRIVERS[spike.driver]}, most of it {spike.largest}."
        )
    if answer.shadow is not None and len(answer.shadow):
        asked.append(_shadow_words(answer, answer.shadow))
    if not asked and answer.unowned_cost > 0:
        asked.append(_owner_words(answer))
    return " ".join(asked[:2]) or f"Close {answer.label}: every charge has an owner and nothing stands out."


def _invoice_words(answer: SpendReview, row: dict[Any, Any]) -> str:
    """The invoice to clear first."""
    amount = money(abs(row["unexplained"]), answer.currency)
    side = "more than" if row["unexplained"] > 0 else "less than"
    return f"Clear the {row['provider']} invoice of {row['month']:%Y-%m}: {amount} {side} its charges explain."


def _shadow_words(answer: SpendReview, shadow: pd.DataFrame) -> str:
    """What to bring behind the gateway first."""
    row = shadow.iloc[0]
    names = [str(row[name]) for name in ("ServiceName", "SubAccountName") if name in row and row[name] not in UNSAID]
    first = f", first {', '.join(names)} ({money(row['billed'], answer.currency)})" if names else ""
    amount = money(answer.shadow_cost or 0.0, answer.currency)
    return f"Bring the {amount} of model use that no gateway recorded behind one{first}."


def _owner_words(answer: SpendReview) -> str:
    """What to tag first."""
    items = phantom_items(answer)
    amount = money(answer.unowned_cost, answer.currency)
    first = (
        f", first for {items['item'].iloc[0]} ({money(items['billed'].iloc[0], answer.currency)})" if len(items) else ""
    )
    return f"Name a {dimension_of(answer)} for the {amount} that have none{first}."


def _changes(answer: SpendReview) -> list[str]:
    """Values at which the page would read otherwise."""
    currency, found = answer.currency, []
    for row in losing(answer).head(1).to_dict("records"):
        found.append(
            f"“{row['use_case']}” pays from a value of {money(row['cost_per_outcome'], currency)} each; "
            f"{money(row['value'] / row['outcomes'], currency)} is stated."
        )
    models = _models(answer)
    if len(models) and answer.billed_cost > 0:
        top = models.iloc[0]
        moved = money(_TENTH * top["billed"], currency)
        found.append(
            f"Ten per cent on the price of {top['item']} moves such a period by {moved}, "
            f"{percent(_TENTH * top['billed'] / answer.billed_cost)} of it."
        )
    items = phantom_items(answer)
    if answer.owned_share is not None and answer.owned_share < 1 and len(items):
        share = answer.owned_share + items["billed"].iloc[0] * (1 - answer.owned_share) / answer.unowned_cost
        found.append(
            f"With {items['item'].iloc[0]} tagged, {percent(min(share, 1.0))} would have a {dimension_of(answer)}."
        )
    return found or ["Nothing in the charges: no model, no outcome and no untagged source is named."]


def _models(answer: SpendReview) -> pd.DataFrame:
    if "x_ModelId" not in answer.rows:
        return pd.DataFrame()
    table = answer.by("x_ModelId")
    return table[~table["item"].str.startswith("(") & (table["billed"] > 0)]
