from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from aiecon import resources
from aiecon.errors import InputError
from aiecon.ingestion.checks import check_path
from aiecon.vocabulary import rate_card

PRICE = {
    "provider": "maker",
    "model": "small",
    "currency": "USD",
    "input_per_mtok": "1.00",
    "output_per_mtok": "4.00",
    "effective_from": "2025-01-01",
    "source": "price page of the maker",
    "retrieved_on": "2025-01-02",
    "grade": "published",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a rate card, a budget, a history and a bill that are well."""
    monkeypatch.chdir(tmp_path)
    write_prices({})
    Path("budget.csv").write_text("month,amount\n2026-04,100\n")
    Path("history.csv").write_text("date,value\n2026-01-01,1\n2026-01-02,2\n")
    Path("bill.csv").write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd\n1.5,USD,2026-01-01,2026-01-02\n"
    )
    return Path()


def write_prices(*changes):
    frame = pd.DataFrame([{**dict.fromkeys(rate_card.COLUMNS, ""), **PRICE, **change} for change in changes])
    frame.to_csv("prices.csv", index=False)


def problems(path, **options):
    return [problem for one in check_path(path, **options) for problem in one.problems]


def test_the_shipped_data_is_well():
    found = check_path(resources.path("data"))
    assert [problem for one in found for problem in one.problems] == []
    kinds = {one.kind for one in found if one.rows}
    assert {
        "rate card",
        "assumptions",
        "scenarios",
        "claims",
        "provisioned prices",
        "provisioned throughput",
        "GPU prices",
        "seat plans",
        "measured serving",
        "MLPerf results, an upper bound",
        "vendor meters",
        "FOCUS charges",
        "budget",
    } <= kinds


def test_every_file_of_a_folder_is_known_by_its_columns(folder):
    assert {one.name: one.kind for one in check_path(folder)} == {
        "bill.csv": "FOCUS charges",
        "budget.csv": "budget",
        "history.csv": "history",
        "prices.csv": "rate card",
    }


def test_problems_of_all_files_come_together_with_file_and_row(folder):
    write_prices({"currency": "XQZ"})
    Path("budget.csv").write_text("month,amount\n2026-04,x\n")
    found = problems(folder)
    assert "prices.csv: row 2: 'currency' must be a currency of ISO 4217 such as USD, got 'XQZ'" in found
    assert any(problem.startswith("budget.csv: column 'amount': row 2 has 'x'") for problem in found)


def test_prices_are_held_against_the_shipped_rate_card(folder):
    write_prices({"provider": "openai", "model": "gpt-5", "input_per_mtok": "0.00000125"})
    assert any("looks like another unit" in problem for problem in problems(folder))


def test_a_table_that_waits_to_be_filled_is_no_problem_in_a_folder(folder):
    Path("budget.csv").write_text("month,amount\n")
    assert problems(folder) == []
    assert problems(Path("budget.csv")) == ["budget.csv: the file has a header and no rows"]


def test_a_file_of_unknown_columns_is_named_and_not_judged(folder):
    Path("other.csv").write_text("a,b\n1,2\n")
    (other,) = [one for one in check_path(folder) if one.name == "other.csv"]
    assert (other.kind, other.rows, other.problems) == ("not a table aiecon knows", None, ())


def test_prices_that_nobody_has_seen_for_long_are_stale(folder):
    write_prices({"last_seen": "2025-06-01"}, {"model": "new", "retrieved_on": "2026-03-01"})
    assert problems(folder, stale=100) == [
        "prices.csv: row 2: maker/small was last seen on 2025-06-01, before 2025-11-21"
    ]
    assert problems(folder, stale=400) == []
    assert len(problems(folder, stale=100, as_of=date(2027, 1, 1))) == 2


def test_only_the_price_that_holds_can_be_stale(folder):
    write_prices({"last_seen": "2025-02-01"}, {"effective_from": "2025-05-01", "retrieved_on": "2026-03-01"})
    assert problems(folder, stale=30) == []


@pytest.mark.parametrize(("name", "words"), [("nothing", "no such file or folder"), ("empty", "no .csv")])
def test_a_path_with_nothing_to_check_is_refused(folder, name, words):
    Path("empty").mkdir()
    with pytest.raises(InputError, match=words):
        check_path(Path(name))


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("capacity/ptu_prices.csv", "price_per_unit_month", "0.73", "is not the 803 that original_price"),
        ("gpu/gpu_prices.csv", "price_per_gpu_hour", "55.04", "that original_price and gpus make; check the unit"),
        ("seats/seat_plans.csv", "pooled", "maybe", "'pooled' must be one of true, false, got 'maybe'"),
        ("capacity/ptu_throughput.csv", "cached_weight", "10", "'cached_weight' must be a share from 0 to 1, got '10'"),
    ],
)
def test_a_price_that_its_quoted_unit_denies_is_refused(tmp_path, table, column, value, words):
    frame = pd.read_csv(resources.path(f"data/{table}"), dtype=str, keep_default_na=False)
    row = (
        0
        if "original_unit" not in frame
        else int((frame["original_unit"].isin(["unit-hour", "instance-hour"])).argmax())
    )
    frame.loc[row, column] = value
    frame.to_csv(tmp_path / "table.csv", index=False)
    (problem,) = problems(tmp_path)
    assert f"row {row + 2}: " in problem
    assert words in problem


def test_a_fault_in_many_rows_is_told_once_with_the_first_rows(tmp_path):
    frame = pd.read_csv(resources.path("data/gpu/gpu_prices.csv"), dtype=str, keep_default_na=False)
    frame.assign(currency="").to_csv(tmp_path / "table.csv", index=False)
    found = problems(tmp_path)
    assert len(found) == 6
    assert found[0] == "table.csv: row 2: 'currency' is empty"
    assert (
        found[-1]
        == f"table.csv: row {len(frame) + 1}: 'currency' is empty; {len(frame) - 6} rows between break this too"
    )


def test_a_table_without_the_column_it_is_known_by_is_still_taken_for_what_it_is(tmp_path):
    frame = pd.read_csv(resources.path("data/prices/token_prices.csv"), dtype=str, keep_default_na=False)
    frame.head(3).drop(columns=["input_per_mtok", "source"]).to_csv(tmp_path / "card.csv", index=False)
    assert problems(tmp_path) == [
        "card.csv: column 'input_per_mtok' is missing",
        "card.csv: column 'source' is missing",
    ]


def test_rows_with_other_cells_than_the_header_are_refused(folder):
    lines = Path("prices.csv").read_text().splitlines()
    Path("prices.csv").write_text("\n".join([lines[0], f"{lines[1]},more"]))
    assert problems(folder) == ["prices.csv: row 2: it has 21 cells and the header 20"]


@pytest.mark.parametrize("content", [b"\xff\xfea,b\n1,2\n", bytes(range(128, 256))])
def test_a_file_that_is_not_text_is_refused_in_words(folder, content):
    Path("odd.csv").write_bytes(content)
    (problem,) = problems(Path("odd.csv"))
    assert problem.startswith("odd.csv: not readable as CSV; export it as UTF-8 text with a header row")


def test_semicolons_between_cells_are_as_good_as_commas(folder):
    pd.read_csv("prices.csv", dtype=str).to_csv("prices.csv", sep=";", index=False)
    assert problems(folder) == []
