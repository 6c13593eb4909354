import json
from pathlib import Path

import pytest

from aiecon import resources
from aiecon.errors import InputError
from aiecon.report.checking import check_path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a budget that is well."""
    monkeypatch.chdir(tmp_path)
    Path("budget.csv").write_text("month,amount\n2026-04,100\n")
    return Path()


def problems(path, **options):
    return [problem for one in check_path(Path(path), **options) for problem in one.problems]


def test_the_shipped_data_is_well_inputs_included():
    found = check_path(resources.path("data"))
    assert [problem for one in found for problem in one.problems] == []
    kinds = {one.name: one.kind for one in found}
    assert kinds["templates/pack.toml"] == kinds["sample/spend_forecast.toml"] == "inputs"
    assert [one.name for one in found] == sorted(kinds)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "a = [\n", "a.toml: not valid TOML: "),
        ("a.json", "{", "a.json: not valid JSON: "),
        ("a.toml", 'spend = "x.csv"\nbudgte = "b.csv"\n', "a.toml: budgte is not a field; did you mean budget?"),
        ("a.toml", 'budgte = "b.csv"\n', "a.toml: budgte is not a field; did you mean budget?"),
        ("a.toml", "[spend_forecast]\nhorizn = 3\n", "a.toml: horizn is not a field; did you mean horizon?"),
        (
            "a.toml",
            "[spend_forcast]\nhorizon = 3\n",
            "a.toml: spend_forcast is not known; did you mean spend_forecast?",
        ),
        (
            "a.toml",
            'spend = "x.csv"\nhorizon = "long"\n',
            "a.toml: horizon must be an integer, got 'long'",
        ),
        (
            "a.toml",
            'spend = "x.csv"\n[scenarios.x]\nset.wher = 1\n',
            "a.toml: scenarios.x.set: wher is not a field; did you mean where?",
        ),
        ("a.toml", 'spend = "x.csv"\n[scenarios.x]\nset.horizon = "y"\n', "got 'y' (scenario x)"),
        (
            "a.toml",
            'spend = "x.csv"\n[scenarios.x]\nset = 3\n',
            "scenarios.x: a table with set.FIELD = value is expected",
        ),
        ("a.toml", 'spend = "x.csv"\n[scenarios]\nx = 3\n', "scenarios.x: a table with set.FIELD = value is expected"),
    ],
)
def test_an_inputs_file_is_checked_as_a_question_would_take_it(folder, name, text, words):
    Path(name).write_text(text)
    for path in (name, "."):
        assert any(words in problem for problem in problems(path)), problems(path)


def test_the_files_that_inputs_name_are_read_too(folder):
    Path("a.toml").write_text('spend = "not_there.csv"\n[spend_forecast]\nhorizon = 3\n')
    (missing,) = problems("a.toml")
    assert missing.startswith("a.toml: not_there.csv: no such file or folder")
    Path("spend.csv").write_text("BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd\n")
    Path("a.toml").write_text('spend = "spend.csv"\n')
    assert problems("a.toml") == []  # it waits to be filled


def test_files_of_others_are_named_in_a_folder_and_refused_alone(folder):
    Path("pyproject.toml").write_text('[project]\nname = "x"\n')
    Path("list.json").write_text("[1]")
    Path("results.json").write_text(json.dumps({"spend_forecast": {"question": "spend_forecast", "summary": {}}}))
    assert problems(".") == []
    kinds = {one.name: one.kind for one in check_path(folder)}
    assert kinds == {
        "budget.csv": "budget",
        "results.json": "answers",
        **dict.fromkeys(["list.json", "pyproject.toml"], _UNKNOWN),
    }
    assert "tables of questions or fields of one are expected" in problems("pyproject.toml")[0]


_UNKNOWN = "not a file aiecon knows"


def test_a_folder_of_inputs_alone_is_checked(folder):
    Path("budget.csv").unlink()
    Path("a.toml").write_text('spend = "x.csv"\n')
    assert [one.kind for one in check_path(folder)] == ["inputs"]


def test_a_scenario_may_set_what_a_question_or_a_rule_knows_and_nothing_else(folder):
    Path("scenarios.csv").write_text(
        "scenario,name,value\nx,rule.a.b,1\nx,horizon,3\nx,seats.users,1\nx,nosuch.field,1\n"
    )
    (found,) = problems("scenarios.csv")
    assert found.startswith("scenarios.csv: row 5: nosuch.field is not a field")


def test_the_day_of_a_check_may_be_text(folder):
    assert problems("budget.csv", as_of="2026-04-30") == []
    with pytest.raises(InputError, match="as_of must be an ISO date such as 2026-03-31, got 'soon'"):
        check_path(folder, as_of="soon")


POLICY = """version = "1"
[[pools]]
name = "prod"
owner = "finance"
base = 100
"""


@pytest.mark.parametrize("text", [POLICY, "[policy]\n" + POLICY.replace("[[pools]]", "[[policy.pools]]")])
def test_a_policy_that_stands_alone_is_checked_as_one(folder, text):
    Path("policy.toml").write_text(text)
    (found,) = check_path(Path("policy.toml"))
    assert (found.kind, found.rows, found.unit, found.problems) == ("budget policy", 1, "pool", ())
    assert {one.kind for one in check_path(Path())} == {"budget policy", "budget"}


@pytest.mark.parametrize("table", ["", "adaptive_budget."])
def test_a_policy_among_inputs_is_held_against_the_same_rules(folder, table):
    text = "[policy]\n" + POLICY.replace("[[pools]]", "[[policy.pools]]") + "ceiling = 50\n"
    row = '{ month = "2026-01-01", team = "a", pool = "prod", spend = 1 }'
    head = f"[{table[:-1]}]\n" if table else ""
    text = f"{head}actuals = [{row}]\n" + text.replace("[policy", f"[{table}policy")
    Path("own.toml").write_text(text)
    (found,) = check_path(Path("own.toml"))
    assert found.problems == (
        "own.toml: policy: pool prod: its base 100 is above its ceiling 50; lower it, or raise the ceiling",
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            "ceiling = 50",
            "policy.toml: pool prod: its base 100 is above its ceiling 50; lower it, or raise the ceiling",
        ),
        ("floor = 120", "policy.toml: pool prod: its base 100 is below its floor 120; raise it, or lower the floor"),
        ("headroom = 0.1", "policy.toml: pool prod: headroom needs a unit_cost_target to be above"),
        ("floor = 2\nceiling = 1", "policy.toml: pool prod: ceiling must not be below floor, got 1 and 2"),
        ("headrom = 0.1", "policy.toml: pool prod.headrom is not a field; did you mean headroom?"),
        ("escalation = { c_suite = 0.1 }", "c_suite must not be below vice_president, got 0.1 and 0.2"),
    ],
)
def test_a_policy_says_its_problems_by_pool(folder, more, words):
    Path("policy.toml").write_text(POLICY + more + "\n")
    assert any(problem.startswith(words) or words in problem for problem in problems("policy.toml"))


def test_a_policy_without_an_owner_is_refused(folder):
    Path("policy.toml").write_text(POLICY.replace('owner = "finance"\n', ""))
    (problem,) = problems("policy.toml")
    assert problem == "policy.toml: pool prod: a budget without an owner is refused; name who answers for it"


@pytest.mark.parametrize("head", ["", "[policy]\n"])
def test_a_sound_policy_says_what_those_who_sign_should_know(folder, head):
    policy = 'sign_offs = [{ name = "CFO" }]\n' + POLICY + "upgrade_reserve_share = 0.1\n"
    Path("policy.toml").write_text(head + (policy.replace("[[pools]]", "[[policy.pools]]") if head else policy))
    (found,) = check_path(Path("policy.toml"))
    assert (found.problems, found.rows) == ((), 1)
    notes = "\n".join(found.notes)
    assert "policy 1 has 1 pool, prod" in notes
    assert "Policy 1 is not signed by CFO" in notes
    assert "upgrade_reserve_share is not the 15% to 25% of rule.policy.upgrade_reserve_share: prod (10.0%)" in notes
    assert "the part of spend that is held for model upgrades" in notes


def test_a_policy_beside_its_data_has_the_same_notes(folder):
    row = '{ month = "2026-01-01", team = "a", pool = "prod", spend = 1 }'
    text = "[policy]\n" + POLICY.replace("[[pools]]", "[[policy.pools]]")
    Path("own.toml").write_text(f"actuals = [{row}]\n{text}")
    (found,) = check_path(Path("own.toml"))
    assert found.problems == ()
    assert found.notes[:2] == ("policy 1 has 1 pool, prod", "Policy 1 names nobody who signs it")


def test_a_policy_that_does_not_say_when_reviews_began_or_starts_from_nothing_is_noted(folder):
    Path("policy.toml").write_text(POLICY.replace("100", "0") + "review_every_months = 3\n")
    notes = "\n".join(check_path(Path("policy.toml"))[0].notes)
    assert "nothing says when the reviews of prod began" in notes
    assert "A base of 0 grows by no growth cap, so the budget stays 0: prod" in notes
    Path("policy.toml").write_text("valid_from = 2026-01-01\n" + POLICY + "review_every_months = 3\n")
    assert "reviews" not in "\n".join(check_path(Path("policy.toml"))[0].notes)


def test_a_day_that_is_none_and_a_misspelt_policy_are_named(folder):
    Path("policy.toml").write_text(f'sign_offs = [{{ name = "CFO", date = 2026-13-01 }}]\n{POLICY}')
    assert problems("policy.toml") == ["policy.toml: not valid TOML: 2026-13-01 in line 1 is no day of the calendar"]
    Path("slip.toml").write_text('[polici]\nversion = "1"\n[[polici.pools]]\nname = "p"\n')
    assert problems("slip.toml") == ["slip.toml: polici is not a field; did you mean policy?"]


@pytest.mark.parametrize("head", ["", "[cost_curve]\n"])
def test_what_holds_the_gate_before_launch_is_noted_blanks_and_examples_included(folder, head):
    text = resources.path("data/templates/pre_launch.toml").read_text()
    nested = text.replace("[pre_launch]", "[cost_curve.pre_launch]").replace(
        "[[components]]", "[[cost_curve.components]]"
    )
    Path("launch.toml").write_text(head + (nested if head else text))
    (found,) = check_path(Path("launch.toml"))
    assert found.problems == ()
    said = "\n".join(found.notes)
    for words in ("pre_launch.owner is missing", "no component of governance", "examples of the template, not yours"):
        assert words in said
