"""The spend review's answer: what it cost, whose it was, what it brought, why it changed, what stands out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from aiecon.forecasting.list_prices import price_steps
from aiecon.models.spend_review import economics, figures, phantom, shadow
from aiecon.models.spend_review.bridge import bridge, effects
from aiecon.models.spend_review.charged import carried, charged, with_shares
from aiecon.models.spend_review.drivers import Spike, episodes, explained
from aiecon.models.spend_review.factors import active_users, token_factors, with_tokens
from aiecon.models.spend_review.inputs import SpendReviewInputs
from aiecon.models.spend_review.peers import TraceCost, outliers_by_model, spans_of, trace_cost
from aiecon.spikes import anomalies
from aiecon.vocabulary.known import PriceEvent
from aiecon.vocabulary.metric import Metric
from aiecon.vocabulary.spend import TOKEN_COLUMNS


@dataclass(frozen=True, eq=False)
class SpendReview:
    """What AI cost in a period, and what it brought.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        Last day of the charges.
    label, before_label
        Names of the period and of what it is compared to.
    span, before_span
        Their first and last days.
    rows, before
        Charges of the two, one row a month and combination of what is known of them. [currency]
    outcomes
        Of the period: date, use_case, outcome, count, value, human_minutes, revenue; empty without any.
    outcomes_before
        Of what it is compared to.
    facts
        What was read.
    notes
        What a reader must know before trusting the figures.
    """

    inputs: SpendReviewInputs
    as_of: date
    label: str
    before_label: str
    span: tuple[date, date]
    before_span: tuple[date, date]
    rows: pd.DataFrame
    before: pd.DataFrame
    outcomes: pd.DataFrame
    outcomes_before: pd.DataFrame
    facts: Mapping[str, Any]
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return str(self.facts["currency"])

    @property
    def billed_cost(self) -> float:
        """Invoiced in the period. [currency]"""
        return float(self.rows["billed"].sum())

    @property
    def effective_cost(self) -> float:
        """Amortised in the period. [currency]"""
        return float(self.rows["effective"].sum())

    @property
    def has_before(self) -> bool:
        """Whether the charges reach back to what the period is compared to, or a budget is."""
        if self.inputs.budget is not None:
            return True
        reaches = self.facts["first_day"] <= self.before_span[0]
        return bool(reaches or (self.inputs.compare_to is not None and len(self.before)))

    @property
    def before_cost(self) -> float | None:
        """Invoiced in what it is compared to; None where the charges do not reach so far."""
        return float(self.before["billed"].sum()) if self.has_before else None

    def _is_tagged(self, rows: pd.DataFrame) -> pd.Series:
        return phantom.is_tagged(rows, self.inputs.dimension)

    @property
    def larger_cost(self) -> float:
        """The larger of the two bills: what an amount is a part of. [currency]"""
        return max(abs(self.billed_cost), abs(self.before_cost or 0.0))

    @property
    def attributed_cost(self) -> float:
        """Invoiced with a team (or whatever the dimension is). [currency]"""
        return float(self.rows.loc[self._is_tagged(self.rows), "billed"].sum())

    @property
    def attributed_share(self) -> float | None:
        """Attributed ÷ billed; None when nothing was billed."""
        return self.attributed_cost / self.billed_cost if self.billed_cost else None

    @property
    def owned_share(self) -> float | None:
        """Attributed ÷ billed of charges that can carry a tag: no credits, no taxes; None where there are none."""
        return phantom.owned_share(self.rows, self.inputs.dimension)

    @property
    def unowned_cost(self) -> float:
        """Billed for charges that can carry a tag and do not, before what credits take off again. [currency]"""
        return phantom.unowned_cost(self.rows, self.inputs.dimension)

    @property
    def phantom_cost(self) -> float:
        """Billed − attributed; less than half a cent is nothing. [currency]"""
        return phantom.without_dust(self.billed_cost - self.attributed_cost)

    @cached_property
    def phantom_bill(self) -> pd.DataFrame:
        """Where the unattributed cost is, dearest first: layer, service, account, model, billed, share.

        Credits, taxes and use are told apart, so that none hides the other.
        """
        by = phantom.sources(self.rows, self.inputs.dimension)
        return phantom.phantom_bill(self.rows, self.inputs.dimension, by=by)

    @cached_property
    def shadow(self) -> pd.DataFrame | None:
        """Charges without a gateway record: layer, service, account, model, why, billed; None without records.

        Held against `gateway`, else against the store's own records of use. [currency]
        """
        gateway = self.inputs.gateway
        if gateway is not None:
            records = shadow.within(gateway.table.frame, self.rows)
            tolerance = self.inputs.gateway_tolerance
            return shadow.without_record(self.rows, records, match=self.gateway_match, tolerance=tolerance)
        return shadow.beyond_records(self.rows)

    @cached_property
    def gateway_match(self) -> list[str]:
        """Columns by which charges are looked for in the records of `gateway`; none without it."""
        if self.inputs.gateway is None:
            return []
        records = shadow.within(self.inputs.gateway.table.frame, self.rows)
        return list(self.inputs.gateway_match) or shadow.matching(self.rows, records)

    @property
    def shadow_cost(self) -> float | None:
        """Billed for the use of models that no gateway has a record of; None without records. [currency]"""
        return None if self.shadow is None else float(self.shadow["billed"].sum())

    @property
    def model_use_cost(self) -> float:
        """Billed for the use of models, before what was taken off again: what shadow_cost is a part of. [currency]"""
        return float(self.rows.loc[shadow.is_model_use(self.rows), "billed"].clip(lower=0.0).sum())

    @property
    def shadow_share(self) -> float | None:
        """Shadow cost ÷ what was billed for the use of models; None without records or such use."""
        if self.shadow_cost is None or not self.model_use_cost:
            return None
        return self.shadow_cost / self.model_use_cost

    @cached_property
    def phantom_layers(self) -> pd.DataFrame:
        """Known, attributed, neither, and of that without a gateway record, by layer. [currency]"""
        return phantom.by_layer(self.rows, self.inputs.dimension, self.shadow)

    @cached_property
    def reconciled(self) -> pd.DataFrame | None:
        """Invoices of the period's months against the charges; None without invoices.

        provider, account, month, loaded, invoiced, difference, credits, tax, late usage, rounding, unexplained, each to
        the cent. [currency]
        """
        found: pd.DataFrame | None = self.facts["reconciled"]
        if found is None:
            return None
        first, last = pd.Timestamp(self.span[0]).replace(day=1), pd.Timestamp(self.span[1])
        return found[(found["month"] >= first) & (found["month"] <= last)].reset_index(drop=True)

    @property
    def unexplained_cost(self) -> float | None:
        """What of the invoices nothing explains, without its sign; None without invoices. [currency]"""
        return None if self.reconciled is None else float(self.reconciled["unexplained"].abs().sum())

    @property
    def tag_coverage(self) -> float | None:
        """Share of the cost that has every required tag; None where none is required."""
        return float(self.coverage["share"].iloc[-1]) if self.inputs.required_tags else None

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Share of the cost that has each required tag, and all of them: tag, share."""
        return phantom.tag_coverage(self.rows, self.inputs.required_tags)

    @cached_property
    def carried(self) -> pd.DataFrame:
        """What each team carries in each month, to the cent: month, team, own, shared, total, decimals. [currency]"""
        asked = self.inputs.allocation
        every = self.inputs.spend.table.frame
        return carried(self.rows, every, dimension=self.inputs.dimension, method=asked.method, by=asked.by)

    @cached_property
    def allocated(self) -> pd.DataFrame:
        """Cost of each team with its part of what has no team, the sum of its months: team, own, shared, total.

        Dearest first. [currency]
        """
        return self._in_all(self.carried, ["own", "shared", "total"])

    @cached_property
    def charged(self) -> pd.DataFrame | None:
        """What teams are charged of what they carry, the sum of its months: team, total, charged. [currency]

        None without a chargeback.
        """
        asked = self.inputs.chargeback
        if asked is None:
            return None
        months = self.carried.assign(charged=charged(self.carried, since=asked.since, ramp=asked.steps))
        return self._in_all(months, ["total", "charged"])

    @staticmethod
    def _in_all(months: pd.DataFrame, sums: list[str]) -> pd.DataFrame:
        whole = months.groupby("team")[sums].sum().astype(float).reset_index()
        return whole.sort_values("total", ascending=False, ignore_index=True, kind="stable")

    @property
    def charged_cost(self) -> float | None:
        """Charged to teams in the period; None without a chargeback. [currency]"""
        return None if self.charged is None else round(float(self.charged["charged"].sum()), 2)

    @cached_property
    def traced(self) -> TraceCost | None:
        """What the traces of the period cost, rolled up; None without spans in it."""
        if self.inputs.spans is None:
            return None
        frame = spans_of(self.inputs.spans.table.frame, self.span, self.as_of)
        return trace_cost(frame) if len(frame) else None

    @cached_property
    def good_outcomes(self) -> pd.DataFrame:
        """Outcomes that count."""
        return economics.counting(self.outcomes, self.inputs.failed_outcomes)

    @property
    def cost_per_outcome(self) -> float | None:
        """Billed ÷ outcomes that count; None without any. [currency/outcome]"""
        count = float(self.good_outcomes["count"].sum()) if len(self.outcomes) else 0.0
        return self.billed_cost / count if count > 0 else None

    @property
    def value(self) -> float | None:
        """Value of the outcomes that count; None where none is stated. [currency]"""
        good = self.good_outcomes
        return float(good["value"].sum()) if "value" in good and good["value"].notna().any() else None

    @property
    def roi(self) -> float | None:
        """Value ÷ billed; None without either."""
        return self.value / self.billed_cost if self.value is not None and self.billed_cost else None

    @property
    def efficiency_rate(self) -> float | None:
        """(Revenue − billed) ÷ revenue, the Cloud Efficiency Rate; None without revenue."""
        if not len(self.outcomes) or "revenue" not in self.outcomes:
            return None
        revenue = float(self.outcomes["revenue"].sum())
        return (revenue - self.billed_cost) / revenue if revenue > 0 else None

    @cached_property
    def unit_economics(self) -> pd.DataFrame:
        """One row a use case, as `economics.unit_economics` gives it, and cost_before of an outcome. [currency]"""
        failed = self.inputs.failed_outcomes
        table = economics.unit_economics(self.rows, self.outcomes, failed)
        if not self.has_before or table.empty:
            return table.assign(cost_before=np.nan)
        before = economics.unit_economics(self.before, self.outcomes_before, failed)
        known = before.set_index("use_case")["cost_per_outcome"] if len(before) else pd.Series(dtype=float)
        return table.assign(cost_before=table["use_case"].map(known).astype(float))

    @cached_property
    def effects(self) -> dict[str, float] | None:
        """Price, volume, mix and other of the change from what it is compared to; None where that is not known.

        By model: tokens and cost per token; other is the change of charges without tokens or model. [currency]
        """
        return effects(self.before, self.rows) if self.has_before else None

    @cached_property
    def bridge(self) -> pd.DataFrame | None:
        """Steps from what it is compared to: step, kind, amount, total; None where that is not known. [currency]"""
        if not self.has_before:
            return None
        labels = self.before_label.capitalize(), self.label
        return bridge(self.before, self.rows, effects=self.effects, dimension=self.inputs.dimension, labels=labels)

    @cached_property
    def factors(self) -> pd.DataFrame | None:
        """Users × requests × tokens × price: factor, before, now, effect; None where not known. [currency]"""
        if not self.has_before:
            return None
        users = [active_users(self.facts["users"], period) for period in (self.before_span, self.span)]
        return token_factors(self.before, self.rows, users=users)

    @property
    def model_efficiency_ratio(self) -> float | None:
        """Cost of tokens ÷ requests, of what counts both; None where nothing does. [currency/request]"""
        requests = self.counted_requests
        used = with_tokens(self.rows)
        return float(used.loc[used["x_Requests"] > 0, "billed"].sum()) / requests if requests > 0 else None

    @property
    def counted_requests(self) -> float:
        """Requests of charges that count tokens. [requests]"""
        return float(with_tokens(self.rows)["x_Requests"].sum())

    @property
    def uncounted_cost(self) -> float:
        """Billed for tokens of which no requests are counted: no part of model_efficiency_ratio. [currency]"""
        used = with_tokens(self.rows)
        return phantom.without_dust(float(used.loc[used["x_Requests"] <= 0, "billed"].sum()))

    def by(self, dimension: str) -> pd.DataFrame:
        """Cost by a column, dearest first: item, billed, effective, before, change. [currency]"""
        return phantom.by_item(self.rows, self.before if self.has_before else None, dimension)

    @cached_property
    def outliers(self) -> pd.DataFrame:
        """Teams whose cost per request stands out among their peers on the same model."""
        limits = {"minimum_volume": self.inputs.outlier_volume, "guard": self.inputs.outlier_guard}
        named = self.rows[self._is_tagged(self.rows)]
        return outliers_by_model(named, self.inputs.dimension, multiple=self.inputs.outlier_multiple, **limits)

    @cached_property
    def spikes(self) -> tuple[Spike, ...]:
        """Days of use dearer than their kind, one a run of them, largest excess first, with what is behind each."""
        daily = self.facts["daily"]
        score = self.inputs.alarm_score
        found = anomalies(daily[daily["date"] <= pd.Timestamp(self.span[1])], threshold=score)
        found = found[found["date"] >= pd.Timestamp(self.span[0])]
        return tuple(explained(episodes(found), self.facts["spike_cells"], self.price_events, score=score))

    @property
    def alarms(self) -> tuple[Spike, ...]:
        """Spikes that no dated price change explains."""
        return tuple(spike for spike in self.spikes if spike.event is None)

    @property
    def price_steps(self) -> tuple[Spike, ...]:
        """Spikes that a dated price change explains, which are no alarm."""
        return tuple(spike for spike in self.spikes if spike.event is not None)

    @cached_property
    def once(self) -> pd.DataFrame:
        """Purchases, credits, tax and corrections of the period, in which no day is watched.

        Largest first: kind, charges, billed [currency], first, last (days they start on).
        """
        found = self.facts["once"]
        found = found[found["date"].between(*(pd.Timestamp(day) for day in self.span))]
        figures = {"charges": ("charges", "sum"), "billed": ("billed", "sum")}
        sums = found.groupby("kind", as_index=False).agg(**figures, first=("date", "min"), last=("date", "max"))
        return sums.sort_values("billed", key=abs, ascending=False, ignore_index=True, kind="stable")

    @cached_property
    def price_events(self) -> tuple[PriceEvent, ...]:
        """Dated price changes: those given, and the steps of the rate card for the models that were used."""
        card = self.inputs.rate_card
        if card is None or not card.is_read or "x_ModelId" not in self.rows:
            return self.inputs.price_events
        used = pd.concat([self.before, self.rows]).rename(columns={"when": "month", "x_ModelId": "item"})
        volumes = used.groupby(["month", "item"], as_index=False)[list(TOKEN_COLUMNS)].sum()
        return (*self.inputs.price_events, *price_steps(volumes, card.table.frame))

    def to_frame(self) -> pd.DataFrame:
        """One row an item of the dimension: item, billed, effective, before, change, shared, carried. [currency]

        shared is its part of what nobody owns and carried is with it, to the cent; with a chargeback charged, too.
        """
        return with_shares(self.by(self.inputs.dimension), self.allocated, self.charged)

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        return figures.summary(self)
