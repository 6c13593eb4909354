"""Tables beside the main one, and the quantile that a budget follows."""

import pytest
from budget_scene import GATED, asked, expected, months, refused
from scipy import stats

from aiecon.models.adaptive_budget import adaptive_budget
from aiecon.report.asking import result

GIVEN = [expected("2026-06-01", None, driver={"shape": "normal", "p10": 80.0, "p90": 120.0})]


def test_a_budget_follows_the_quantile_of_a_given_driver():
    sd = 20.0 / stats.norm.ppf(0.9)
    for quantile in (0.2, 0.8):
        answer = adaptive_budget(asked(months([1.0] * 5), GATED | {"forecast_quantile": quantile}, forecast=GIVEN))
        assert answer.next_budget == pytest.approx(stats.norm(100.0, sd).ppf(quantile))
    assert adaptive_budget(asked(months([1.0] * 5), GATED, forecast=GIVEN)).next_budget == pytest.approx(100.0)


def test_a_learnt_driver_strays_as_the_draws_of_spend_do():
    past = [50.0, 55.0, 48.0, 60.0, 52.0, 58.0]
    pool = GATED | {"forecast_quantile": 0.9}
    answer = adaptive_budget(asked(months(past, driver=past), pool, draws=40_000))
    found = answer.to_frame()
    assert found["driver"].tolist() == pytest.approx(found["p90"].tolist(), rel=0.02)  # a unit costs one


@pytest.mark.parametrize("quantile", [0.0, 1.0, 80])
def test_a_quantile_is_between_0_and_1(quantile):
    assert "prod.forecast_quantile must be" in refused(months([1.0]), {"forecast_quantile": quantile})


def test_what_the_page_shows_is_among_the_tables():
    policy = {
        "controls": [{"name": "cap", "kind": "cap", "budget_share": 1.0}],
        "incidents": {"per_year": 6, "size": 20.0},
        "upgrades": {"per_year": 2, "spend_share": 0.3, "parallel_months": 1},
    }
    actuals = months([100.0] * 5, driver=[100.0] * 5)
    answer = adaptive_budget(asked(actuals, GATED | {"upgrade_reserve_share": 0.2}, policy=policy, draws=200))
    tables = result("adaptive_budget", answer)["tables"]
    assert list(tables) == [
        "history", "controls", "controls_by_pool", "early_warning", "incidents", "upgrades", "policies",
        "simulated_years", "recommended", "reserves",
    ]  # fmt: skip
    assert len(tables["history"]) == 5
    assert [row["control"] for row in tables["controls"]] == ["none", "cap"]
    assert [(row["team"], row["pool"], row["control"]) for row in tables["controls_by_pool"]] == [
        ("search", "prod", "none"), ("search", "prod", "cap"),
    ]  # fmt: skip
    assert tables["controls_by_pool"][1]["refused"] == pytest.approx(tables["controls"][1]["refused"])
    assert {row["rule"] for row in tables["early_warning"]} >= {"burn 14.4 in 1 h", "XmR by day"}
    assert tables["incidents"][0]["mean"] == pytest.approx(6 * 20.0 * 3 / 12)
    assert [row["what"] for row in tables["upgrades"]] == ["held", "needed"]
    assert tables["upgrades"][0]["share"] == pytest.approx(0.2)
    years = [row for row in tables["simulated_years"] if row["headroom"] is not None]
    assert tables["recommended"][0]["weighed"] == min(3 * row["overspend"] + row["stranded"] for row in years)


def test_an_answer_without_controls_or_driver_has_empty_tables():
    tables = adaptive_budget(asked(months([1.0]), draws=100)).tables()
    assert all(tables[name].empty for name in ("controls", "incidents", "upgrades", "simulated_years", "recommended"))
