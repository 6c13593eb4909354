import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.ingestion.checks import check_path
from aiecon.report import workspace


def test_a_workspace_has_notebooks_blank_tables_and_says_how(tmp_path):
    made = workspace.make(tmp_path / "work")
    assert {"README.md", "spend.csv", "outcomes.csv", "budget.csv", "assumptions.csv", "pack.toml"} <= set(made)
    assert "notebooks/quarterly_forecast.ipynb" in made
    assert [problem for one in check_path(tmp_path / "work") for problem in one.problems] == []


def test_the_tables_once_filled_answer_a_question(tmp_path):
    workspace.make(tmp_path)
    header = (tmp_path / "spend.csv").read_text()
    who = "chat,AI and Machine Learning,small,search,help,answers,prod"
    charge = f"9.5,9.5,EUR,2026-{{0:02}}-{{1:02}},2026-{{0:02}}-{{2:02}},{who}\n"
    days = [charge.format(month, day, day + 1) for month in (1, 2) for day in range(1, 28)]
    (tmp_path / "spend.csv").write_text(header + "".join(days))
    (tmp_path / "budget.csv").write_text("month,amount\n2026-03,300\n")
    answer = aiecon.ask("spend_forecast", inputs=str(tmp_path / "pack.toml"))
    assert answer.currency == "EUR"
    assert answer.budget.amount == 300


def test_a_folder_with_anything_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(InputError, match="is there already and not empty; name a new folder"):
        workspace.make(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_the_tables_of_seats_once_filled_say_who_should_have_one(tmp_path):
    made = workspace.make(tmp_path)
    assert {"seat_usage.csv", "seat_plans.csv", "seats.toml"} <= set(made)
    readme = (tmp_path / "README.md").read_text()
    assert all(f"| `{name}` |" in readme for name in ("seat_usage.csv", "seat_plans.csv", "seats.toml"))
    with (tmp_path / "seat_usage.csv").open("a") as file:
        file.write("ann,2026-01-01,300\nbob,2026-01-01,2\n")
    with (tmp_path / "seat_plans.csv").open("a") as file:
        file.write("Vendor,Team,30,,12,,,0,5,USD,2026-02-01,offer of the vendor,,contract,\n")
    assert [problem for one in check_path(tmp_path) for problem in one.problems] == []
    answer = aiecon.ask("seats", inputs=str(tmp_path / "seats.toml"), profile="fast")
    assert [plan.name for plan in answer.inputs.plans] == ["Pooled plan", "Flat plan"]
    assert answer.people.count == 2
