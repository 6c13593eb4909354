"""What is not used, taken for granted or not signed is said."""

import pandas as pd
from budget_scene import GATED, PLAIN, asked, expected, months

import aiecon
from aiecon.models.adaptive_budget import adaptive_budget


def said(*given, **fields):
    return "\n".join(adaptive_budget(asked(*given, **fields)).notes)


def test_a_line_of_several_teams_and_one_of_none_are_said():
    actuals = months([1.0]) + months([2.0], team="chat")
    found = said(actuals, {}, {"name": "new"})
    assert "Pool prod names no team: each of chat, search gets its budget of 100 in full" in found
    assert "No actuals are of new" in found
    assert "names no team" not in said(actuals, {"team": "chat"}, {"name": "prod / search", "team": "search"})


def test_a_day_later_than_the_data_is_said():
    assert "Actuals end with 2026-02 and the day asked for is 2026-03-31" in said(
        months([1.0, 2.0]), as_of="2026-03-31"
    )
    assert "Actuals end" not in said(months([1.0, 2.0]), as_of="2026-03-30")


def test_forecasts_of_months_that_are_over_are_counted_unless_a_review_looked_at_them():
    given = [expected("2026-01-01", None, driver=5.0), expected("2026-02-01", None, driver=5.0)]
    actuals = months([1.0, 2.0], driver=[5.0, 5.0])
    assert "no review looked at them: 2" in said(actuals, GATED, forecast=given)
    assert "no review looked at them: 1" in said(actuals, GATED, forecast=given, policy={"valid_from": "2026-02-01"})
    assert "no review looked" not in said(actuals, GATED, forecast=given, policy={"valid_from": "2026-01-01"})


def test_a_column_that_is_not_read_names_the_nearest_that_would_be(tmp_path):
    frame = pd.DataFrame(months([1.0], drivers=[5.0], remark=["calm"]))
    frame.to_csv(tmp_path / "actuals.csv", index=False)
    policy = {"version": "1", "pools": [PLAIN]}
    found = "\n".join(
        aiecon.ask("adaptive_budget", inputs={"file": str(tmp_path / "actuals.csv"), "policy": policy}).notes
    )
    assert "actuals.csv: column 'drivers' is not read; did you mean 'driver'? (read: month, team, pool" in found
    assert "column 'remark' is not read (read:" in found
