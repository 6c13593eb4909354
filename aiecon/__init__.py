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
    "spend_forecast": "models.spend_forecast",
    "SpendForecast": "models.spend_forecast",
    "SpendForecastInputs": "models.spend_forecast",
    "spend_forecast_chart": "charts.spend_forecast",
    "daily_chart": "charts.spend_forecast",
    "bridge_chart": "charts.spend_forecast",
    "reliability_chart": "charts.spend_forecast",
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
    "cost_curve": "models.cost_curve",
    "CostCurve": "models.cost_curve",
    "CostCurveInputs": "models.cost_curve",
    "fit_cost_curve": "models.cost_curve",
    "CostCurveFit": "models.cost_curve",
    "cost_curve_chart": "charts.cost_curve",
    "cliff_chart": "charts.cost_curve",
    "business_case": "models.business_case",
    "BusinessCase": "models.business_case",
    "BusinessCaseInputs": "models.business_case",
    "Gate": "vocabulary.gate",
    "business_case_chart": "charts.business_case",
    "worth_chart": "charts.business_case",
    "ends_chart": "charts.business_case",
    # money over time
    "capital_recovery_factor": "finance",
    "npv": "finance",
    "irr": "finance",
    "mirr": "finance",
    "learning_cost": "adoption",
    "halving_months": "adoption",
    "adopters": "adoption",
    "peak_of_adoption": "adoption",
    # forecasting
    "forecast": "forecasting.ensemble",
    "Forecast": "forecasting.ensemble",
    "backtest": "forecasting.evaluation",
    "Evaluation": "forecasting.evaluation",
    "Predicted": "forecasting.predicted",
    "reconcile": "forecasting.reconciliation",
    "price_volume_mix": "bridges",
    "PriceVolumeMix": "bridges",
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
