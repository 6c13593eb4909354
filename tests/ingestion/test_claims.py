import re

import pandas as pd
import pytest

from aiecon import resources
from aiecon.errors import FrameError, InputError
from aiecon.ingestion import claim_checks, claims
from aiecon.ingestion.claim_tables import Tables
from aiecon.vocabulary import assumptions

NEVER_A_DEFAULT = {"UNIT", "WRONG"}


@pytest.fixture(scope="module")
def shipped():
    return pd.read_csv(resources.path("data/claims.csv"), dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def read():
    return {claim.id: claim for claim in claims.read_claims()}


def test_what_the_file_says_is_what_the_tables_say_today(shipped, read):
    assert {row["id"]: row["tables_say"] for row in shipped.to_dict("records")} == {
        number: claim.tables_say for number, claim in read.items()
    }, "run python -m aiecon.ingestion.claims"


def test_every_check_is_used_and_says_a_figure(shipped, read):
    assert set(shipped["check"]) - {""} == set(claim_checks.CHECKS)
    assert all(
        bool(claim.tables_say) == bool(check) for claim, check in zip(read.values(), shipped["check"], strict=True)
    )
    assert all(any(map(str.isdigit, function(Tables()))) for function in claim_checks.CHECKS.values())


def test_a_wrong_figure_is_a_claim_only_and_no_assumption(read):
    path = resources.path("data/assumptions.csv")
    rows = assumptions.check(pd.read_csv(path, dtype=str, keep_default_na=False), name="assumptions.csv")
    scenarios = pd.read_csv(resources.path("data/scenarios.csv"), dtype=str, keep_default_na=False)
    wrong = {number for number, claim in read.items() if NEVER_A_DEFAULT & set(claim.verdicts)}
    assert wrong >= {"S3-09", "S3-10", "S3-11", "S3-12", "S3-20", "S3-45", "S3-50", "S3-52", "S3-57", "S3-60", "S3-72"}
    assert not wrong & set(rows["requirement"])
    assert not wrong & set(scenarios["requirement"])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (
            "S3-09",
            "0.15 USD per million input tokens; 10,000 of them cost 0.0015 USD, as claimed 1.50 USD, 1,000 times",
        ),
        ("S3-10", "as claimed 150.00 USD, 1,500 times as much. Output lists 30.00"),
        ("S3-12", "as claimed 30.00 USD"),
        ("S0-20", "281 % by the hour, 100 % by the month, 85 % by the year"),
        ("S3-50", "15 USD an hour global (15 PTU) and 100 regional (50); 40 USD would be 40 PTU global or 20 regional"),
        ("S3-70", "50 % on gpt-4o, 75 % on gpt-4.1, 90 % on gpt-5"),
        ("S3-71", "7.0 times"),
        ("S3-73", "0.015 USD a query at claude-sonnet-4-6 prices: 333,333 to 1,000,000 queries"),
        ("S3-75", "67 % less than gpt-4 for input and 50 % for output"),
        ("S0-19", "81,000 to 135,000 USD a year"),
        ("S3-26", "180,000 to 210,000 USD a year"),
    ],
)
def test_the_tables_say_what_checking_by_hand_found(read, number, words):
    assert words in read[number].tables_say


def test_a_fully_used_ptu_month_is_worth_what_the_known_answers_say():
    known = {"gpt-5": 260.0625, "gpt-4.1": 262.80, "gpt-4.1-mini": 261.048, "gpt-4o": 273.75, "gpt-4o-mini": 243.09}
    assert {model: claim_checks.ptu_month_value(Tables(), model) for model in known} == pytest.approx(known)


def test_the_mix_saves_less_than_ten_times_on_every_ladder():
    savings = claim_checks.tier_savings(Tables())
    assert min(savings) == pytest.approx(0.64)  # 1, 3 and 5 USD: S3-69
    assert max(savings) < 0.9


def test_the_best_zone_of_an_h100_saves_less_than_claimed_and_the_one_that_does_not_is_named(read):
    assert claim_checks.spot_savings(Tables(), "H100")["most"].max() < claim_checks.CLAIMED_SPOT
    every = claim_checks.spot_savings(Tables())["most"]
    assert every[every >= claim_checks.CLAIMED_SPOT].index.tolist() == [("aws", "H200 SXM")]
    assert "H200 SXM at aws in its one cheapest zone (89 %)" in read["S3-20"].tables_say


def test_every_sentence_names_every_row_source_and_day_it_came_from(read):
    for claim in read.values():
        assert bool(claim.tables_say) == bool(claim.evidence), claim.id
        for one in claim.evidence:
            assert resources.path(one.file).exists()
            assert one.source
            assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", one.retrieved_on), one


def test_the_row_named_is_the_row_of_the_price(read):
    (one,) = read["S3-09"].evidence
    named = pd.read_csv(resources.path(one.file)).loc[one.row - 2]
    assert (named["provider"], named["model"], named["input_per_mtok"]) == ("openai", "gpt-4o-mini", 0.15)
    assert (named["source"], named["retrieved_on"]) == (one.source, one.retrieved_on)


def test_no_rumour_answers_a_claim(read):
    for claim in read.values():
        for one in claim.evidence:
            grade = pd.read_csv(resources.path(one.file))["grade"][one.row - 2]
            assert grade != "rumour" or "seat_plans" in one.file, (claim.id, one)


def test_the_seven_most_quoted_come_without_asking_and_any_word_is_found():
    assert [claim.quoted for claim in claims.find()] == list(range(1, 8))
    assert len(claims.find("all")) == len(claims.read_claims())
    assert "S3-50" in {claim.id for claim in claims.find("PTU")}
    with pytest.raises(InputError, match="no claim has 'nonsense'; say a word of a claim, all, or an id"):
        claims.find("nonsense")


def test_a_check_that_does_not_exist_is_named(monkeypatch):
    monkeypatch.delitem(claim_checks.CHECKS, "batch")
    with pytest.raises(FrameError, match="check 'batch' is not known"):
        claims.read_claims()
