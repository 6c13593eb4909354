import hashlib
from threading import Event

import pytest

import aiecon
from aiecon import resources
from aiecon.errors import InputError
from aiecon.ingestion import meanwhile
from aiecon.ingestion.readers import READERS
from aiecon.ingestion.resolve import resolve, sources
from aiecon.models.spend_forecast import SpendForecastInputs
from aiecon.vocabulary.distribution import Empirical, uncertain
from aiecon.vocabulary.strict import Many, Strict


class Task(Strict):
    name: str
    minutes: uncertain(ge=0)


class Review(Strict):
    wait: Task
    tasks: Many[Task] = ()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "days.csv").write_text("date,value\n2026-01-01,1\n2026-01-02,2\n")
    (tmp_path / "budget.csv").write_text("month,amount\n2026-01,90\n")
    (tmp_path / "minutes.csv").write_text("minutes\n1\n2\n9\n")
    return tmp_path


def minutes(path="minutes.csv"):
    return {"shape": "empirical", "file": path, "column": "minutes"}


def problems(inputs):
    with pytest.raises(InputError) as caught:
        resolve(inputs)
    return caught.value.problems


def test_an_unread_file_names_the_call():
    with pytest.raises(InputError, match=r"days\.csv has not been read; call aiecon\.resolve\(inputs\)"):
        aiecon.spend_forecast(SpendForecastInputs(file="days.csv"))


def test_the_digest_is_the_sha256_of_the_file(folder):
    read = resolve(SpendForecastInputs(file="days.csv"))
    assert read.file.table.digest == hashlib.sha256((folder / "days.csv").read_bytes()).hexdigest()
    assert read.file.table.frame["value"].tolist() == [1.0, 2.0]


def test_the_digest_of_a_store_changes_with_any_of_its_files(folder):
    from aiecon.ingestion.engine import digest

    store = folder / "store" / "2026"
    store.mkdir(parents=True)
    (store / "a.parquet").write_bytes(b"a")
    digests = [digest(folder / "store")]
    (store / "b.parquet").write_bytes(b"b")
    digests.append(digest(folder / "store"))
    (store / "b.parquet").write_bytes(b"c")
    digests.append(digest(folder / "store"))
    (store / "b.parquet").rename(store / "d.parquet")
    digests.append(digest(folder / "store"))
    assert len(set(digests)) == 4
    assert digest(folder / "store") == digests[-1]


def test_the_inputs_that_were_given_stay_unread(folder):
    inputs = SpendForecastInputs(file="days.csv")
    resolve(inputs)
    assert not inputs.file.is_read


def test_a_file_is_read_once(folder):
    read = resolve(SpendForecastInputs(file="days.csv"))
    (folder / "days.csv").unlink()
    assert resolve(read).file.table is read.file.table


def test_inputs_without_files_come_back_equal():
    inputs = SpendForecastInputs(history=[{"date": "2026-01-01", "value": 1}])
    assert resolve(inputs) == inputs
    assert sources(resolve(inputs)) == []


def test_a_relative_path_starts_from_its_folder(folder, monkeypatch):
    monkeypatch.chdir("/")
    read = resolve(SpendForecastInputs(file={"path": "days.csv", "folder": str(folder)}))
    assert sources(read)[0]["path"] == "days.csv"


def test_a_path_of_the_sample_company_is_found_from_anywhere(folder):
    read = resolve(SpendForecastInputs(file="days.csv", budget="sample:budget.csv"))
    assert read.budget.table.rows > 0


def test_problems_of_two_files_come_together(folder):
    (folder / "days.csv").write_text("date,value\n4/1/25,1\n2026-01-02,x\n")
    found = problems(SpendForecastInputs(file="days.csv", budget="no.csv"))
    assert [line.split(":")[0] for line in found] == ["days.csv", "days.csv", "no.csv"]


def test_the_other_files_are_read_while_the_first_waits_for_its_longest_query(folder, monkeypatch):
    history, budget, is_begun = READERS["history"], READERS["budget"], Event()

    def waiting(source, inputs):
        assert not is_begun.is_set()
        meanwhile.waits()
        assert is_begun.wait(timeout=60)
        meanwhile.waits()  # a second query begins nothing twice
        return history(source, inputs)

    def beside(source, inputs):
        assert not is_begun.is_set()
        is_begun.set()
        return budget(source, inputs)

    monkeypatch.setitem(READERS, "history", waiting)
    monkeypatch.setitem(READERS, "budget", beside)
    read = resolve(SpendForecastInputs(file="days.csv", budget="sample:budget.csv"))
    assert read.file.is_read
    assert read.budget.is_read


def test_sources_inside_nested_models_and_lists_are_read(folder):
    inputs = Review(
        wait={"name": "wait", "minutes": minutes()},
        tasks=[{"name": "read", "minutes": 3}, {"name": "judge", "minutes": minutes()}],
    )
    read = resolve(inputs)
    assert isinstance(read.wait.minutes, Empirical)
    assert read.wait.minutes.mean == read.tasks[1].minutes.mean == 4.0
    assert read.tasks[0] == inputs.tasks[0]


def test_problems_of_nested_sources_come_together(folder):
    inputs = Review(
        wait={"name": "wait", "minutes": minutes("a.csv")},
        tasks=[{"name": "judge", "minutes": minutes("b.csv")}],
    )
    assert [line.split(":")[0] for line in problems(inputs)] == ["a.csv", "b.csv"]


def test_an_unrelated_override_keeps_nested_sources_read(folder):
    read = resolve(Review(wait={"name": "wait", "minutes": minutes()}, tasks=[{"name": "read", "minutes": 3}]))
    assert aiecon.override(read, {"tasks.read.minutes": 5}).wait.minutes.mean == 4.0


def test_sources_are_listed_with_path_digest_and_rows(folder):
    read = resolve(SpendForecastInputs(file="days.csv", budget="budget.csv"))
    assert [(source["path"], source["rows"]) for source in sources(read)] == [("days.csv", 2), ("budget.csv", 1)]
    assert sources(read)[1]["sha256"] == hashlib.sha256((folder / "budget.csv").read_bytes()).hexdigest()


def test_nested_sources_are_listed_too(folder):
    read = resolve(Review(wait={"name": "wait", "minutes": 1}, tasks=[{"name": "judge", "minutes": minutes()}]))
    assert [source["path"] for source in sources(read)] == ["minutes.csv"]


BILL = "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd\n1.00,USD,2026-01-01,2026-01-02\n"
SHIPPED_CARD = "shipped:prices/token_prices.csv"


def test_a_file_that_is_wanted_beside_another_is_read_with_it_alone(folder):
    (folder / "bill.csv").write_text(BILL)
    with_bill = resolve(SpendForecastInputs(spend="bill.csv"))
    assert [source["path"] for source in sources(with_bill)] == ["bill.csv", SHIPPED_CARD]
    assert with_bill.rate_card.table.facts == {"is_shipped": True}
    without = resolve(SpendForecastInputs(file="days.csv", rate_card="no.csv"))
    assert not without.rate_card.is_read
    assert [source["path"] for source in sources(without)] == ["days.csv"]


def test_a_file_that_is_wanted_beside_another_and_is_not_there_is_a_problem(folder):
    (folder / "bill.csv").write_text(BILL)
    assert problems(SpendForecastInputs(spend="bill.csv", rate_card="no.csv")) == (
        "no.csv: no such file (looked for it in the working folder)",
    )


def test_a_shipped_path_is_found_from_anywhere_and_a_wrong_one_is_named(folder):
    (folder / "bill.csv").write_text(BILL)
    card = {"path": SHIPPED_CARD, "folder": str(folder)}
    read = resolve(SpendForecastInputs(spend="bill.csv", rate_card=card))
    file = resources.path("data/prices/token_prices.csv")
    assert read.rate_card.table.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert problems(SpendForecastInputs(spend="bill.csv", budget="sample:no.csv", rate_card="shipped:no.csv")) == (
        "sample:no.csv: aiecon ships no such file",
        "shipped:no.csv: aiecon ships no such file",
    )


def test_the_day_a_price_was_last_seen_comes_from_the_rate_card_unless_it_is_given():
    tiers = [
        {"name": "listed", "share": 0.5, "price": {"cost_per_request": 1.0}},
        {"name": "own", "share": 0.5, "price": {"cost_per_request": 2.0}, "price_seen": "2026-01-05"},
    ]
    token = {"provider": "openai", "model": "gpt-5", "input_per_mtok": 1.25, "output_per_mtok": 10.0}
    tiers[0]["price"] = token
    shape = {"input_tokens_per_request": 1_000, "output_tokens_per_request": 100}
    found = resolve(aiecon.TieringInputs.build({"tiers": tiers, "shape": shape}))
    assert [str(tier.price_seen) for tier in found.tiers] == ["2026-06-06", "2026-01-05"]
