"""One bill in two files is refused; bills of the same days that may be two accounts are told."""

from decimal import Decimal

import pytest
import spend_scene as scene
from spend_scene import ANTHROPIC, OPENAI, TOTAL

from aiecon.ingestion import store


def focus(folder, name="focus.csv", requests=scene.SCENE, times=1, **other):
    rows = [
        {**row, "BilledCost": f"{Decimal(row['BilledCost']) * times:f}", **other} for row in scene.focus_rows(requests)
    ]
    return str(scene.to_csv(folder / name, rows))


def report(folder, requests=ANTHROPIC):
    return str(scene.to_page(folder / "report.json", scene.anthropic_cost(requests)))


def load(folder, *sources):
    return store.load(list(sources), to=str(folder / "store"))


@pytest.mark.parametrize("turn", [1, -1])
def test_a_bill_that_agrees_with_anothers_report_day_by_day_is_refused(turn, tmp_path):
    made = load(tmp_path, *[focus(tmp_path), report(tmp_path)][::turn])
    (problem,) = made.problems
    assert "focus.csv" in problem
    assert "the same bill of Anthropic twice: 2 days" in problem
    assert problem.endswith(f"leave out {tmp_path}/report.json")
    assert not made.is_written
    assert not (tmp_path / "store").exists()
    assert load(tmp_path, focus(tmp_path)).total == TOTAL


def test_a_bill_added_to_a_store_that_has_it_is_refused_and_the_store_stays(tmp_path):
    load(tmp_path, report(tmp_path))
    before = sorted((file, file.read_bytes()) for file in (tmp_path / "store").rglob("*.*"))
    assert load(tmp_path, focus(tmp_path)).problems
    assert before == sorted((file, file.read_bytes()) for file in (tmp_path / "store").rglob("*.*"))


def test_bills_of_the_same_days_that_do_not_agree_are_told_with_their_amounts(tmp_path):
    made = load(tmp_path, focus(tmp_path, times=3), report(tmp_path))
    (pair,) = made.bills
    own = sum(Decimal(one.cost) for one in ANTHROPIC)
    assert (made.is_written, pair.is_one, pair.provider) == (True, False, "Anthropic")
    assert sorted(part.cost for part in pair.parts) == [own, 3 * own]


def test_bills_of_other_days_providers_or_accounts_are_not_compared(tmp_path):
    other_days = {"ChargePeriodStart": "2026-05-01", "ChargePeriodEnd": "2026-05-02"}
    assert not load(tmp_path / "days", focus(tmp_path, **other_days), report(tmp_path)).bills
    assert not load(tmp_path / "providers", focus(tmp_path, requests=OPENAI), report(tmp_path)).bills
    accounts = [focus(tmp_path, f"{name}.csv", BillingAccountId=name, x_RequestId="") for name in "ab"]
    assert not load(tmp_path / "accounts", *accounts).bills


def test_parts_of_one_export_are_not_compared(tmp_path):
    rows = [{**row, "x_RequestId": ""} for row in scene.focus_rows()]
    parts = [str(scene.to_csv(tmp_path / f"{place}.csv", rows[place::2])) for place in (0, 1)]
    made = load(tmp_path, *parts)
    assert (made.bills, made.total) == ([], TOTAL)
