"""aiecon answers what a CFO asks about AI spend, with ranges, sources and grades.

Everything public is listed here once and imported when it is first used, so that `import aiecon` loads nothing heavy.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    # asking
    "ask": "report.asking",
    "prepare": "report.asking",
    "result": "report.asking",
    "resolve": "ingestion.resolve",
    "override": "vocabulary.overrides",
    # questions
    "spend_review": "models.spend_review",
    "SpendReview": "models.spend_review",
    "SpendReviewInputs": "models.spend_review",
    "phantom_bill": "models.spend_review",
    "peer_outliers": "models.spend_review",
    "anomalies": "models.spend_review",
    "trace_cost": "models.spend_review",
    "TraceCost": "models.spend_review",
    "wilson_interval": "models.spend_review",
    "spend_review_chart": "charts.spend_review",
    "owners_chart": "charts.spend_review",
    "attribution_chart": "charts.spend_review",
    "unit_costs_chart": "charts.spend_review",
    "phantom_chart": "charts.spend_review",
    "spend_forecast": "models.spend_forecast",
    "SpendForecast": "models.spend_forecast",
    "SpendForecastInputs": "models.spend_forecast",
    "spend_forecast_chart": "charts.spend_forecast",
    "daily_chart": "charts.spend_forecast",
    "bridge_chart": "charts.spend_forecast",
    "reliability_chart": "charts.spend_forecast",
    "adaptive_budget": "models.adaptive_budget",
    "AdaptiveBudget": "models.adaptive_budget",
    "AdaptiveBudgetInputs": "models.adaptive_budget",
    "compare_policies": "models.adaptive_budget",
    "policy_grid": "models.adaptive_budget",
    "burn_rate": "budgets",
    "run_rate": "budgets",
    "exhausted_after": "budgets",
    "reserve": "budgets",
    "mismatch_cost": "budgets",
    "escalation": "budgets",
    "control_limits": "budgets",
    "ControlLimits": "budgets",
    "adaptive_budget_chart": "charts.adaptive_budget",
    "gates_chart": "charts.adaptive_budget",
    "policies_chart": "charts.adaptive_budget",
    "variability": "models.variability",
    "Variability": "models.variability",
    "VariabilityInputs": "models.variability",
    "agent_cost_moments": "models.variability",
    "variability_chart": "charts.variability",
    "origins_chart": "charts.variability",
    "guardrails_chart": "charts.variability",
    "months_chart": "charts.variability",
    "provisioned": "models.provisioned",
    "Provisioned": "models.provisioned",
    "ProvisionedInputs": "models.provisioned",
    "required_units": "models.provisioned",
    "break_even_by_term": "models.provisioned",
    "term_ladder": "models.provisioned",
    "TermLadder": "models.provisioned",
    "replay": "models.provisioned",
    "Replay": "models.provisioned",
    "pool": "models.provisioned",
    "Pool": "models.provisioned",
    "capacity_unit": "ingestion.capacity",
    "rightsize": "models.provisioned",
    "Rightsizing": "models.provisioned",
    "provisioned_chart": "charts.provisioned",
    "units_chart": "charts.provisioned",
    "break_even_chart": "charts.provisioned",
    "resamples_chart": "charts.provisioned",
    "seats": "models.seats",
    "Seats": "models.seats",
    "SeatsInputs": "models.seats",
    "UsageFit": "models.seats",
    "fit_usage": "models.seats",
    "seats_chart": "charts.seats",
    "seat_cost_chart": "charts.seats",
    "lorenz_chart": "charts.seats",
    "signing_chart": "charts.seats",
    "tiering": "models.tiering",
    "Tiering": "models.tiering",
    "TieringInputs": "models.tiering",
    "split_saving": "levers",
    "prompt_cache_ratio": "levers",
    "tiering_chart": "charts.tiering",
    "saving_bridge_chart": "charts.tiering",
    "saving_draws_chart": "charts.tiering",
    "self_host": "models.self_host",
    "SelfHost": "models.self_host",
    "SelfHostInputs": "models.self_host",
    "win_intervals": "models.self_host",
    "simulate_waits": "models.self_host",
    "self_host_chart": "charts.self_host",
    "cumulative_chart": "charts.self_host",
    "probability_chart": "charts.self_host",
    "self_host_tornado_chart": "charts.self_host",
    "erlang_b": "queueing",
    "erlang_c": "queueing",
    "required_replicas": "queueing",
    "capital_recovery_factor": "finance",
    # forecasting
    "forecast": "forecasting.ensemble",
    "Forecast": "forecasting.ensemble",
    "backtest": "forecasting.evaluation",
    "Evaluation": "forecasting.evaluation",
    "Predicted": "forecasting.predicted",
    "reconcile": "forecasting.reconciliation",
    "price_volume_mix": "bridges",
    "PriceVolumeMix": "bridges",
    # ledgers
    "allocate": "ledger",
    "chargeback": "ledger",
    # sensitivity
    "break_even": "sensitivity",
    "Correlation": "sensitivity",
    "shapley": "sensitivity",
    "simulate": "sensitivity",
    "sobol": "sensitivity",
    "tornado": "sensitivity",
    # prices
    "shipped_rate_card": "ingestion.rate_cards",
    "read_rate_card": "ingestion.rate_cards",
    "RateCard": "vocabulary.rate_card",
    # nouns
    "CapacityUnit": "vocabulary.capacity",
    "RequestShape": "vocabulary.shape",
    "Distribution": "vocabulary.distribution",
    "Normal": "vocabulary.distribution",
    "Lognormal": "vocabulary.distribution",
    "Uniform": "vocabulary.distribution",
    "Triangular": "vocabulary.distribution",
    "Pert": "vocabulary.distribution",
    "Beta": "vocabulary.distribution",
    "Discrete": "vocabulary.distribution",
    "Gate": "vocabulary.gate",
    "Lever": "vocabulary.lever",
    "Metric": "vocabulary.metric",
    "Source": "vocabulary.source",
    "TokenPrice": "vocabulary.token_price",
    # errors
    "AieconError": "errors",
    "FrameError": "errors",
    "IdleScenarioError": "errors",
    "InputError": "errors",
    "NotBuiltError": "errors",
    "ReportError": "errors",
}

__all__ = [*_PUBLIC, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"aiecon has no '{name}'")
    value = getattr(import_module(f"aiecon.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
