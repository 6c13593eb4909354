import gzip
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


@pytest.fixture(scope="module")
def shipped():
    return check_path(resources.path("data"))


def test_the_shipped_data_is_well(shipped):
    assert [problem for one in shipped for problem in one.problems] == []
    kinds = {one.kind for one in shipped if one.rows}
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
    assert any(problem.startswith("budget.csv: column 'amount': row 2 (month 2026-04) has 'x'") for problem in found)


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
    more = f"and {len(frame) - 6} more rows, the last of them row {len(frame) + 1}"
    assert found[-1] == f"table.csv: row 7: 'currency' is empty; {more}"


def test_a_table_without_the_column_it_is_known_by_is_still_taken_for_what_it_is(tmp_path):
    frame = pd.read_csv(resources.path("data/prices/token_prices.csv"), dtype=str, keep_default_na=False)
    frame.head(3).drop(columns=["input_per_mtok", "source"]).to_csv(tmp_path / "card.csv", index=False)
    assert problems(tmp_path) == [
        "card.csv: column 'input_per_mtok' is missing; add it",
        "card.csv: column 'source' is missing; add it",
    ]


def test_rows_with_other_cells_than_the_header_are_refused(folder):
    lines = Path("prices.csv").read_text().splitlines()
    Path("prices.csv").write_text("\n".join([lines[0], f"{lines[1]},more"]))
    (problem,) = problems(folder)
    assert problem.startswith("prices.csv: row 2: it has 21 cells and the header 20; ")


@pytest.mark.parametrize("content", [b"\xff\xfea,b\n1,2\n", bytes(range(128, 256))])
def test_a_file_that_is_not_text_is_refused_in_words(folder, content):
    Path("odd.csv").write_bytes(content)
    (problem,) = problems(Path("odd.csv"))
    assert problem.startswith("odd.csv: not readable as CSV; export it as UTF-8 text with a header row")


def test_semicolons_between_cells_are_as_good_as_commas(folder):
    pd.read_csv("prices.csv", dtype=str).to_csv("prices.csv", sep=";", index=False)
    assert problems(folder) == []


def write(name, text):
    Path(name).write_text(text)
    return problems(Path(name))


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("sample/invoices.csv", "amount", "x", "'amount' must be a number, got 'x'"),
        ("sample/outcomes.csv", "value", "abc", "'value' must be a number, got 'abc'"),
        ("sample/outcomes.csv", "human_minutes", "-4", "'human_minutes' must be a number of zero or more, got '-4'"),
        ("sample/outcomes.csv", "revenue", "nan", "'revenue' must be a number, got 'nan'"),
        (
            "capacity/ptu_throughput.csv",
            "increment_units",
            "0",
            "'increment_units' must be a whole number of 1 or more",
        ),
        ("capacity/ptu_throughput.csv", "minimum_units", "0.5", "'minimum_units' must be a whole number of 1 or more"),
        (
            "seats/seat_plans.csv",
            "price_per_seat_month",
            "19000",
            "19000 is 950 times its neighbours (20, the median",
        ),
        ("gpu/gpu_prices.csv", "original_price", "", "original_price and original_unit come together"),
        ("gpu/gpu_prices.csv", "gpus", "", "'gpus' is needed to hold the price of an instance-hour"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_in_every_table(tmp_path, table, column, value, words):
    frame = pd.read_csv(resources.path(f"data/{table}"), dtype=str, keep_default_na=False)
    frame.loc[0, column] = value
    frame.to_csv(tmp_path / "table.csv", index=False)
    (problem,) = problems(tmp_path)
    assert problem.startswith("table.csv: row 2: ")
    assert words in problem


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("gpu/gpu_prices.csv", "price_per_gpu_hour", "9999"), ("capacity/ptu_prices.csv", "price_per_unit_month", "1")],
)
def test_a_price_without_a_quoted_one_is_held_against_the_shipped_table(tmp_path, table, column, value):
    frame = pd.read_csv(resources.path(f"data/{table}"), dtype=str, keep_default_na=False).head(1)
    frame = frame.assign(**{column: value, "original_price": "", "original_unit": ""})
    frame.to_csv(tmp_path / "table.csv", index=False)
    (problem,) = problems(tmp_path)
    assert "looks like another unit" in problem


def test_a_claim_names_a_check_that_exists_and_says_what_it_computes(folder):
    header = "id,claim,figure,unit,verdict,quoted,tables_say,check,source,note\n"
    unknown, wrong = write("c.csv", header + "S1-01,c,,,OK,,,nosuch,s,\nS1-02,c,,,OK,,wrong,batch,s,\n")
    assert unknown.startswith("c.csv: row 2: check 'nosuch' is not known")
    assert wrong == (
        "c.csv: row 3: 'tables_say' is not what check 'batch' computes; run python -m aiecon.ingestion.claims"
    )


def test_a_file_given_alone_that_aiecon_does_not_know_is_refused_with_what_it_knows(folder):
    (unknown,) = write("other.csv", "a,b\n1,2\n")
    assert "one of these is expected: rate card corrections" in unknown
    assert write("blank.csv", "\n\n") == [
        "blank.csv: its first line is blank; a header row with the names of the columns is expected"
    ]


def test_a_short_table_with_a_misspelt_column_is_taken_for_what_it_is(folder):
    needed = [*rate_card.RULES.needed, "note", "source_url"]
    frame = pd.read_csv("prices.csv", dtype=str, keep_default_na=False)[needed]
    frame.rename(columns={"input_per_mtok": "input_per_mtk"}).to_csv("prices.csv", index=False)
    assert problems(Path("prices.csv")) == [
        "prices.csv: column 'input_per_mtok' is missing; it has 'input_per_mtk': rename that one"
    ]
    (found,) = write("outcomes.csv", "date,use_cas,outcome,count,value\n2026-01-01,a,b,1,1\n")
    assert found == "outcomes.csv: column 'use_case' is missing; it has 'use_cas': rename that one"


def test_a_packed_table_is_checked_like_any_other(folder):
    for name in ("prices.csv", "budget.csv", "bill.csv"):
        Path(f"{name}.gz").write_bytes(gzip.compress(Path(name).read_bytes()))
        Path(name).unlink()
    found = check_path(folder)
    assert [one.problems for one in found] == [(), (), (), ()]
    assert {one.kind for one in found} == {"rate card", "budget", "FOCUS charges", "history"}


def test_a_month_that_is_none_is_told_how_a_month_is_written(folder):
    (problem,) = write("budget.csv", "month,amount\n2026-13,5\n")
    assert problem.endswith("row 2 has '2026-13', a month such as 2026-04, its first or its last day is expected")


def test_a_line_end_in_a_file_name_stays_on_its_line(folder):
    (problem,) = write("two\nlines.csv", "month,amount\n2026-04,x\n")
    assert problem.startswith("two\\nlines.csv: column 'amount': row 2")


def test_folders_above_and_hidden_folders_above_are_checked(folder, tmp_path, monkeypatch):
    hidden = tmp_path / ".work" / "data"
    hidden.mkdir(parents=True)
    (hidden / "budget.csv").write_text("month,amount\n2026-04,100\n")
    assert [one.kind for one in check_path(hidden)] == ["budget"]
    monkeypatch.chdir(hidden)
    assert [one.name for one in check_path(Path("../data"))] == ["budget.csv"]


def test_nothing_is_read_after_the_day_of_the_check(folder):
    write_prices({"retrieved_on": "2026-03-02"})
    assert problems(folder) == []
    (problem,) = problems(folder, as_of=date(2026, 3, 1))
    assert "it was read on 2026-03-02, after 2026-03-01, the day asked about" in problem
    write_prices({"retrieved_on": "2099-01-01"}, {"model": "new", "retrieved_on": "2099-01-01"})
    first, second = problems(folder)
    assert "row 2: it was read on 2099-01-01, more than a year after every other reading" in first
    assert "row 3: it was read on" in second


def test_all_stale_rows_of_a_single_file_are_named_and_ten_of_a_folder(folder):
    write_prices({"model": "new", "retrieved_on": "2026-03-01"}, *({"model": f"m{place}"} for place in range(20)))
    assert len(problems(Path("prices.csv"), stale=100)) == 20
    assert len(problems(folder, stale=100)) == 11


def test_a_capacity_that_a_newer_row_replaces_is_not_stale():
    path = resources.path("data/capacity/ptu_throughput.csv")
    assert "2025-03-31" in path.read_text()
    stale = problems(path, stale=30, as_of=date(2026, 5, 22))
    assert stale
    assert all(" google/" in problem for problem in stale)  # whose page of a later day nobody kept


def test_a_stale_assumption_is_named_with_its_row(folder):
    path = resources.path("data/assumptions.csv")
    first = problems(path, stale=0, as_of=date(2030, 1, 1))[0]
    assert first.startswith(f"{path}: row 2: back_test_origins was last seen on ")


def test_every_shipped_table_is_of_a_kind_that_is_checked(shipped):
    assert not [one.name for one in shipped if one.rows is None and not one.name.startswith("templates/")]


def test_a_gateway_log_with_a_count_below_zero_is_refused(folder):
    (problem,) = write("log.csv", "date,model,requests,input_tokens,output_tokens\n2026-01-01,gpt-5,-3,10,5\n")
    assert problem.startswith("log.csv: row 2: 'requests' must be")
