"""The headline figures of the review, those of what was asked for among them."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from aiecon.vocabulary.metric import Metric

if TYPE_CHECKING:
    from aiecon.models.spend_review.answer import SpendReview

_EFFECTS = {
    "price": "price, on tokens now",
    "volume": "token volume",
    "mix": "mix",
    "other": "what counts no tokens by model",
}


def summary(answer: "SpendReview") -> list[Metric]:
    """Headline figures in reading order."""
    currency = answer.currency
    effects = answer.effects or {}
    unknown = None if answer.effects else _no_effects(answer)
    no_outcomes = None if answer.cost_per_outcome is not None else "no outcome that counts was given"
    return [
        Metric("billed_cost", f"Billed in {answer.label}", answer.billed_cost, currency),
        Metric(
            "effective_cost",
            "Amortised",
            answer.effective_cost,
            currency,
            None if answer.facts["has_effective"] else "the charges have no EffectiveCost; billed is taken",
        ),
        Metric(
            "before_cost",
            "In the budget" if answer.inputs.budget else f"Billed in {answer.before_label}",
            answer.before_cost,
            currency,
            None if answer.has_before else _no_before(answer),
        ),
        Metric("attributed_share", "Attributed", answer.attributed_share, "share", _beyond(answer)),
        Metric("owned_share", "Attributed, of what can carry a tag", answer.owned_share, "share", _no_owned(answer)),
        Metric("phantom_cost", "Billed and not attributed", answer.phantom_cost, currency),
        *(
            [Metric("tag_coverage", "Has every required tag", answer.tag_coverage, "share")]
            if answer.inputs.required_tags
            else []
        ),
        Metric("shadow_cost", "Without a gateway record", answer.shadow_cost, currency, _no_records(answer)),
        Metric(
            "shadow_share", "Without a gateway record, of model use", answer.shadow_share, "share", _no_share(answer)
        ),
        Metric(
            "unexplained_cost",
            "Invoiced and not explained",
            answer.unexplained_cost,
            currency,
            "no invoices were given" if answer.reconciled is None else None,
        ),
        Metric(
            "cost_per_outcome",
            "All billed over all outcomes that count",
            answer.cost_per_outcome,
            f"{currency}/outcome",
            no_outcomes,
        ),
        Metric(
            "roi", "Value over spend", answer.roi, "ratio", None if answer.roi is not None else "no value was stated"
        ),
        *(
            Metric(f"{name}_effect", f"Change by {words}", effects.get(name), currency, unknown)
            for name, words in _EFFECTS.items()
        ),
        Metric(
            "model_efficiency_ratio",
            "Token cost of a request",
            answer.model_efficiency_ratio,
            f"{currency}/request",
            _uncounted(answer),
        ),
        *_asked(answer),
        Metric("peer_outliers", "Dearer than peers", _listed(answer.outliers), "peers"),
        Metric("anomalies", "Days that stand out", [spike.record() for spike in answer.alarms], "days"),
        *(
            [
                Metric(
                    "price_steps",
                    "Explained by a price change",
                    [spike.record() for spike in answer.price_steps],
                    "days",
                )
            ]
            if answer.price_steps
            else []
        ),
        Metric("once_cost", "Taxes, credits and one-off purchases", float(answer.once["billed"].sum()), currency),
    ]


def _listed(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain records, months as text."""
    plain = {name: table[name].dt.strftime("%Y-%m") for name in table.select_dtypes("datetime")}
    return [dict(row) for row in table.assign(**plain).to_dict("records")]


def _asked(answer: "SpendReview") -> list[Metric]:
    """Figures of what was asked for beside the charges: chargeback, invoices, spans."""
    found, traced = [], answer.traced
    if answer.charged_cost is not None:
        found.append(Metric("charged_cost", "Charged to teams", answer.charged_cost, answer.currency))
    if answer.reconciled is not None:
        off = answer.reconciled[answer.reconciled["difference"] != 0]
        found.append(Metric("invoices_off", "Invoices that differ", _listed(off), "invoices"))
    if traced is not None:
        branch = " > ".join(traced.branch)
        found += [
            Metric("trace_cost", "Cost of the traces", traced.total, answer.currency),
            Metric("trace_retry_cost", "Cost of retries in the traces", traced.retries, answer.currency),
            Metric("context_growth", "Last input over first", traced.context_growth, "ratio"),
            Metric("dearest_branch", "Dearest branch", branch, ""),
        ]
    return found


def _no_records(answer: "SpendReview") -> str | None:
    needed = "the charges come with no records of use; gateway names a log or a store of them"
    return needed if answer.shadow is None else None


def _no_share(answer: "SpendReview") -> str | None:
    if answer.shadow_share is not None:
        return None
    return _no_records(answer) or "no use of models was billed"


def _no_owned(answer: "SpendReview") -> str | None:
    return "nothing was billed but credits and taxes" if answer.owned_share is None else None


def _beyond(answer: "SpendReview") -> str | None:
    """Words on a share that credits of nobody push out of 0 to 1."""
    if answer.attributed_share is None or 0 <= answer.attributed_share <= 1:
        return None
    return "of a bill that credits of nobody make smaller than what is attributed; owned_share leaves them out"


def _uncounted(answer: "SpendReview") -> str | None:
    """Words where the cost of a request is not known, or leaves tokens out whose requests nobody counted."""
    if answer.model_efficiency_ratio is None:
        return "no requests are counted"
    if not answer.uncounted_cost:
        return None
    return f"without {answer.uncounted_cost:,.2f} {answer.currency} for tokens of which no requests are counted"


def _no_before(answer: "SpendReview") -> str:
    """Words on charges that begin inside what the period is compared to, or after it."""
    first = answer.facts["first_day"]
    return f"the charges begin on {first}, after {answer.before_label} does; compare_to names another period"


def _no_effects(answer: "SpendReview") -> str:
    if not answer.has_before:
        return _no_before(answer)
    if answer.inputs.budget is not None:
        return "the budget and the charges do not both count tokens by model"
    return "the charges count no tokens by model; aiecon load reads them from ConsumedQuantity and ConsumedUnit"
