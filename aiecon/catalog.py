"""The one table of questions. Functions are named as text, so that reading it imports no model."""

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from aiecon.errors import InputError, NotBuiltError


@dataclass(frozen=True)
class Question:
    """One question: what a CFO asks, and where its inputs, function, charts and notebook are.

    `inputs`, `function` and `charts` are `module:name` below aiecon; `controls` are the dotted names a panel
    offers, `*` for each item of a list; `data` are the fields that bring a user's own data; `whole` are groups of
    fields, one of each of which leaves nothing of the sample; `fast` is what the fast profile sets; `warm` are changes
    with which the sample runs the kernels it leaves out by itself; `is_stepped` says that figures jump as a control
    moves, so that a picture asks at many of its places; `details` begin the names of assumptions that a pack's register
    on paper leaves to the screen: thresholds, and what nothing but cells tagged "detail" rests on.
    """

    name: str
    question: str
    notebook: str
    inputs: str = ""
    function: str = ""
    charts: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    whole: tuple[tuple[str, ...], ...] = ()
    fast: tuple[tuple[str, Any], ...] = ()
    warm: tuple[tuple[str, Any], ...] = ()
    is_stepped: bool = False
    details: tuple[str, ...] = ()

    @property
    def is_built(self) -> bool:
        """Whether the question can be asked."""
        return bool(self.function)

    def load_inputs(self) -> Any:
        """Import the class of its inputs."""
        return load(self.inputs)

    def load_function(self) -> Any:
        """Import the function that answers it."""
        return load(self.function)

    def load_charts(self) -> list[Any]:
        """Import its chart functions, the main one first."""
        return [load(chart) for chart in self.charts]


QUESTIONS = (
    Question(
        "spend_review",
        "What did AI cost, who used it, for what, and what did we get?",
        "spend_review",
        inputs="models.spend_review:SpendReviewInputs",
        function="models.spend_review:spend_review",
        charts=(
            "charts.spend_review:spend_review_chart",
            "charts.spend_review:owners_chart",
            "charts.spend_review:attribution_chart",
            "charts.spend_review:unit_costs_chart",
        ),
        controls=("period", "compare_to", "dimension", "allocation.method", "outlier_multiple", "outlier_volume"),
        data=("spend",),
        details=("gateway_tolerance", "outlier_", "alarm_score", "invoice_tolerance", "act_below", "watch_below"),
    ),
    Question(
        "spend_forecast",
        "What will we spend next quarter, and how sure are we?",
        "quarterly_forecast",
        inputs="models.spend_forecast:SpendForecastInputs",
        function="models.spend_forecast:spend_forecast",
        charts=(
            "charts.spend_forecast:spend_forecast_chart",
            "charts.spend_forecast:daily_chart",
            "charts.spend_forecast:bridge_chart",
            "charts.spend_forecast:reliability_chart",
        ),
        controls=("volume_multiple", "price_decline_per_year", "budget", "horizon", "cost", "weighting"),
        data=("history", "file", "spend"),
        fast=(("back_test_origins", 6), ("compare", ())),
    ),
    Question(
        "cost_curve",
        "What does it cost at 10, 1,000, 10,000 users, and what drives the curve?",
        "cost_curve",
        inputs="models.cost_curve:CostCurveInputs",
        function="models.cost_curve:cost_curve",
        charts=("charts.cost_curve:cost_curve_chart", "charts.cost_curve:cliff_chart"),
        controls=(
            "pilot_users",
            "production_users",
            "components.Tokens.cost_per_month",
            "components.Tokens.exponent",
            'levers."Semantic cache".saving',
            "regulated.opex_share",
            "regulated.roles",
        ),
        fast=(("draws", 1_000),),
    ),
    Question(
        "adaptive_budget",
        "What envelope does each team get, when does it move, who must sign?",
        "adaptive_budget",
        inputs="models.adaptive_budget:AdaptiveBudgetInputs",
        function="models.adaptive_budget:adaptive_budget",
        charts=(
            "charts.adaptive_budget:adaptive_budget_chart",
            "charts.adaptive_budget:gates_chart",
            "charts.adaptive_budget:policies_chart",
        ),
        controls=(
            *(
                f'policy.pools."production / {team}".{field}'
                for team in ("Customer support", "Engineering", "Operations")
                for field in ("headroom", "growth_cap", "ceiling", "unit_cost_target")
            ),
            "short_to_long_cost",
            "horizon_months",
        ),
        data=("actuals", "file"),
        fast=(("draws", 2_000),),
        details=("day_", "hour_", "policy.upgrades.", "policy.controls."),
    ),
    Question(
        "variability",
        "How far can the bill stray, and which of the four origins is to blame?",
        "variability",
        inputs="models.variability:VariabilityInputs",
        function="models.variability:variability",
        charts=(
            "charts.variability:variability_chart",
            "charts.variability:origins_chart",
            "charts.variability:guardrails_chart",
            "charts.variability:months_chart",
        ),
        controls=(
            "agent.steps_mean",
            "agent.steps_cap",
            "budget",
            "horizon_months",
            "scale.growth_per_month",
            "utilization.noise_sigma",
            "model.price_decline_per_year",
        ),
        fast=(("paths", 2_000),),
        warm=(("correlations", ()),),
    ),
    Question(
        "self_host",
        "When is self-hosting cheaper than the API?",
        "self_host_crossover",
        inputs="models.self_host:SelfHostInputs",
        function="models.self_host:self_host",
        charts=(
            "charts.self_host:self_host_chart",
            "charts.self_host:cumulative_chart",
            "charts.self_host:probability_chart",
            "charts.self_host:self_host_tornado_chart",
        ),
        controls=(
            "workload.mtok_per_month",
            "workload.peak_to_mean",
            "workload.monthly_growth",
            "api_price_decline_per_year",
            "gpu.price_per_gpu_hour",
            "serving.usable_share",
            "fixed_cost_per_month",
            "horizon_months",
        ),
        fast=(("draws", 1_000),),
        is_stepped=True,
    ),
    Question(
        "provisioned",
        "At what load does provisioned throughput beat pay-as-you-go, and how much should we reserve?",
        "ptu_break_even",
        inputs="models.provisioned:ProvisionedInputs",
        function="models.provisioned:provisioned",
        charts=(
            "charts.provisioned:provisioned_chart",
            "charts.provisioned:units_chart",
            "charts.provisioned:break_even_chart",
        ),
        controls=(
            "terms.year.price_per_unit_month",
            "terms.month.price_per_unit_month",
            "payg.input_per_mtok",
            "capacity_unit.output_weight",
            "capacity_unit.tokens_per_minute",
            "shape.cached_input_share",
            "refused_share",
            "refusal_cost_per_mtok",
            "outlook.price_cut_probability",
            "outlook.price_cut",
            "outlook.upgrade_capacity",
            "outlook.monthly_growth",
        ),
        fast=(("bootstrap", 100),),
    ),
    Question(
        "seats",
        "Seats or tokens, for whom?",
        "seat_vs_token",
        inputs="models.seats:SeatsInputs",
        function="models.seats:seats",
        charts=(
            "charts.seats:seats_chart",
            "charts.seats:seat_cost_chart",
            "charts.seats:lorenz_chart",
            "charts.seats:signing_chart",
        ),
        controls=(
            'plans."Copilot Business".price_per_seat_month',
            'plans."Copilot Business".included_usage_per_seat_month',
            'plans."Claude Team Premium".price_per_seat_month',
            'plans."Claude Team Premium".minimum_seats',
            "metered_fee_per_user_month",
            "future.usage_growth_per_month",
            "future.user_growth_per_month",
            "future.api_price_decline_per_year",
        ),
        whole=(("usage", "usage.file", "usage.per_user", "usage.distribution"), ("plans",)),
        fast=(("draws", 300),),
    ),
    Question(
        "tiering",
        "What does routing to cheaper models save, at equal accepted quality?",
        "model_tiering",
        inputs="models.tiering:TieringInputs",
        function="models.tiering:tiering",
        charts=(
            "charts.tiering:tiering_chart",
            "charts.tiering:saving_bridge_chart",
            "charts.tiering:saving_draws_chart",
        ),
        controls=(
            "tiers.*.share",
            "tiers.*.success_rate",
            "baseline|tiers",
            "as_of|tiers",
            "minimum_success_rate",
            "escalate",
            "batch_share",
            "requests_per_month",
        ),
        fast=(("draws", 2_000),),
    ),
    Question(
        "business_case",
        "Should we fund the next phase?",
        "business_case",
        inputs="models.business_case:BusinessCaseInputs",
        function="models.business_case:business_case",
        charts=(
            "charts.business_case:business_case_chart",
            "charts.business_case:worth_chart",
            "charts.business_case:ends_chart",
        ),
        controls=(
            "discount_rate",
            "approval.delay_months",
            "benefit_multiple",
            "cost_multiple",
            "phases.foundation.investment",
        ),
        fast=(("draws", 1_000),),
    ),
)

PACKS = {
    "quarterly": ("spend_review", "spend_forecast", "adaptive_budget"),
    "cfo": (
        "business_case",
        "spend_forecast",
        "cost_curve",
        "adaptive_budget",
        "variability",
        "self_host",
        "provisioned",
        "seats",
        "tiering",
    ),
}

SHARED_IN_PACKS = ("spend", "budget")
"""Fields that stand once in a pack and reach every page that has them."""


def is_built(name: str) -> bool:
    """Whether a question can be asked."""
    return any(question.name == name and question.is_built for question in QUESTIONS)


def find(name: str) -> Question:
    """Return a built question; InputError for an unknown name, NotBuiltError for one that is not there yet."""
    question = next((question for question in QUESTIONS if question.name == name), None)
    if question is None:
        names = [question.name for question in QUESTIONS]
        near = get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"{name} is not a question{hint} (questions: {', '.join(names)})")
    if not question.is_built:
        raise NotBuiltError(f"{name} is not built yet; aiecon questions lists what is")
    return question


def pages(pack: str) -> list[Question]:
    """Return the questions of a pack that are built, in its order."""
    if pack not in PACKS:
        raise InputError(f"{pack} is not a pack (packs: {', '.join(PACKS)})")
    by_name = {question.name: question for question in QUESTIONS}
    built = [by_name[name] for name in PACKS[pack] if by_name[name].is_built]
    if pack == "cfo" and not by_name["business_case"].is_built:
        raise NotBuiltError("pack cfo is not built yet: its first page, business_case, is not there")
    return built


def load(address: str) -> Any:
    """Import `module:name` below aiecon."""
    module, name = address.split(":")
    return getattr(import_module(f"aiecon.{module}"), name)
