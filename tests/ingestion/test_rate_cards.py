import hashlib
from datetime import date

import pandas as pd
import pytest

from aiecon import resources
from aiecon.errors import InputError
from aiecon.ingestion import price_words, rate_cards
from aiecon.ingestion.checks import check_path
from aiecon.ingestion.rate_cards import (
    SHIPPED,
    quote_of,
    read_rate_card,
    read_table,
    second_opinion,
    shipped_rate_card,
)
from aiecon.vocabulary.source import Source


def price(model, day, provider="openai"):
    (quote,) = shipped_rate_card().on(model, day=day, provider=provider)
    return quote.price


@pytest.mark.parametrize(
    ("provider", "model", "day", "ends"),
    [
        ("openai", "gpt-4o", date(2024, 7, 1), (5.0, 15.0)),
        ("openai", "gpt-4o", date(2025, 1, 1), (2.5, 10.0)),
        ("openai", "gpt-5", date(2026, 3, 1), (1.25, 10.0)),
        ("anthropic", "claude-sonnet-4-20250514", date(2025, 7, 1), (3.0, 15.0)),
        ("gemini", "gemini-2.5-pro", date(2026, 3, 1), (1.25, 10.0)),
    ],
)
def test_known_list_prices(provider, model, day, ends):
    found = price(model, day, provider)
    assert (found.input_per_mtok, found.output_per_mtok) == ends


def test_the_recorded_errors_of_the_sources_are_corrected_with_a_note():
    assert price("gpt-3.5-turbo", date(2024, 6, 1)).input_per_mtok == 0.5
    assert price("gpt-3.5-turbo", date(2024, 1, 1)).input_per_mtok == 1.5
    (haiku,) = shipped_rate_card().on("claude-3-5-haiku-20241022", day=date(2025, 3, 15), provider="anthropic")
    assert haiku.price.cached_input_per_mtok == pytest.approx(0.08)
    assert haiku.note.startswith("corrected: ")


def test_the_main_providers_are_there_from_2023_on():
    frame = shipped_rate_card().frame
    assert {"openai", "anthropic", "azure", "gemini", "vertex_ai", "bedrock", "mistral", "xai"} <= set(
        frame["provider"]
    )
    assert frame["effective_from"].min() < pd.Timestamp("2024-01-01")
    for column in ("cached_input_per_mtok", "cache_write_per_mtok", "batch_discount", "long_context_from_tokens"):
        assert frame[column].notna().sum() > 20, column


def test_levels_that_only_record_more_fields_are_one_row():
    frame = shipped_rate_card().frame.sort_values("effective_from")
    fields = ["input_per_mtok", "output_per_mtok", "cached_input_per_mtok", "batch_discount"]
    before = frame.groupby(["provider", "model"])[fields].shift()
    known = before["input_per_mtok"].notna() & ~frame["note"].str.startswith("corrected")
    same = ((before == frame[fields]) | before.isna() | frame[fields].isna()).all(axis=1)
    others = ["cache_write_per_mtok", "long_context_from_tokens", "long_context_input_per_mtok"]
    earlier = frame.groupby(["provider", "model"])[others].shift()
    same &= ((earlier == frame[others]) | earlier.isna() | frame[others].isna()).all(axis=1)
    assert (
        not frame[known & same & frame["long_context_output_per_mtok"].isna()][["provider", "model"]]
        .to_numpy()
        .tolist()
    )


def test_every_row_has_a_source_and_the_day_it_was_read():
    frame = shipped_rate_card().frame
    assert (frame["source"] != "").all()
    assert frame["source_url"].str.startswith("https://github.com/").all()
    assert frame["retrieved_on"].notna().all()


def test_the_second_opinion_agrees_or_says_which_price_differs():
    day = date(2026, 3, 1)
    (quote,) = shipped_rate_card().on("gpt-5", day=day, provider="openai")
    assert second_opinion(quote, day=day).disagrees == ()
    dear = quote.price.model_copy(update={"input_per_mtok": 9.0})
    doubted = second_opinion(type(quote)(**{**vars(quote), "price": dear}), day=day)
    assert doubted.disagrees == ("input_per_mtok",)
    assert doubted.prices["input_per_mtok"] == 1.25


def test_a_long_request_that_costs_more_elsewhere_is_shown():
    (quote,) = shipped_rate_card().on("gpt-5.5", day=date(2026, 6, 6), provider="openai")
    assert second_opinion(quote, day=date(2026, 6, 6)).disagrees == ("long_context",)
    (found,) = price_words.answers("openai/gpt-5.5", as_of=date(2026, 6, 6))
    words = "a request of 400,000 input tokens costs input 10, output 45 (here 5 and 30)"
    assert words in "\n".join(price_words.told(found))


def test_the_second_opinion_is_none_for_a_model_it_does_not_know():
    (quote,) = shipped_rate_card().on("gpt-5", day=date(2026, 3, 1), provider="openai")
    unknown = quote.price.model_copy(update={"model": "no-such-model"})
    assert second_opinion(type(quote)(**{**vars(quote), "price": unknown}), day=date(2026, 3, 1)) is None


def test_a_disagreement_is_shown(monkeypatch):
    opinion = rate_cards.Opinion("another table", {"input_per_mtok": 2.0}, {}, ("input_per_mtok",))
    monkeypatch.setattr(rate_cards, "second_opinion", lambda quote, *, day: opinion)
    found = price_words.answers("openai/gpt-5", as_of=date(2026, 3, 1))
    assert "second opinion DISAGREES: another table says input 2 (here 1.25)" in "\n".join(price_words.told(found[0]))


def test_an_answer_names_price_source_and_since_when():
    (found,) = price_words.answers("openai/gpt-5", as_of=date(2026, 3, 1))
    assert (found["input_per_mtok"], found["effective_from"], found["grade"]) == (1.25, "2025-08-13", "published")
    line = resources.path(rate_cards.SHIPPED).read_text().splitlines()[int(found["row"].split(":")[1]) - 1]
    assert line.startswith("openai,gpt-5,USD,1.25,10.0")
    assert found["source"] in line


def test_without_a_day_the_last_of_the_table_is_meant():
    (found,) = price_words.answers("openai/gpt-5")
    assert found["as_of"] == shipped_rate_card().last_day.isoformat() == "2026-06-06"


def test_an_unreadable_card_is_refused_in_words(tmp_path):
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match="the file is empty"):
        rate_cards.read_rate_card(tmp_path / "empty.csv", name="empty.csv")
    with pytest.raises(InputError, match="no such file"):
        rate_cards.read_rate_card(tmp_path / "none.csv", name="none.csv")


HEADER = "provider,model,input_per_mtok,output_per_mtok,effective_from,source,retrieved_on,grade,note\n"


@pytest.mark.parametrize(
    ("rows", "is_well"),
    [
        (["openai,gpt-5,0.00125,0.01,2025-08-13,page,2026-03-01,published,from vendor page"], False),
        ([f"me,m{place},1.25e-06,1e-05,2025-08-13,page,2026-03-01,published,own" for place in range(5)], False),
        (["me,free,0,0,2025-08-13,page,2026-03-01,published,"], False),
        (["me,free,0,0,2025-08-13,page,2026-03-01,published,free"], True),
        (["openai,gpt-5,1.25,10,2025-08-13,page,2026-03-01,published,"], True),
    ],
    ids=["a note", "a whole file", "zero", "zero with a note", "well"],
)
def test_python_and_the_command_line_say_the_same_of_a_card(tmp_path, rows, is_well):
    path = tmp_path / "prices.csv"
    path.write_text(HEADER + "\n".join(rows))
    try:
        rate_cards.read_rate_card(path)
        said = ()
    except InputError as error:
        said = error.problems
    assert said == check_path(path)[0].problems
    assert (not said) == is_well
    assert "nan" not in "".join(said).replace(str(path), "")


def test_a_day_may_be_text_and_a_bad_one_is_named():
    (quote,) = shipped_rate_card().on("gpt-5", day="2026-03-01", provider="openai")
    assert quote.price.holds_on("2026-03-01")
    assert second_opinion(quote, day="2026-03-01").disagrees == ()
    for bad in ("1.3.2026", None, 20260301):
        with pytest.raises(InputError, match="day must be an ISO date such as 2026-03-31, got "):
            shipped_rate_card().on("gpt-5", day=bad)


GOOD = "me,m,1,2,2025-08-13,page,2026-03-01,published,"


def test_a_card_that_inputs_name_is_read_with_its_digest(tmp_path):
    (tmp_path / "prices.csv").write_text(HEADER + f"{GOOD}\nme,m,1,1,2026-09-01,order form,2026-03-01,contract,")
    table = read_table(Source(path="prices.csv", folder=str(tmp_path)), None)
    assert list(table.frame["effective_from"]) == list(pd.to_datetime(["2025-08-13", "2026-09-01"]))  # one lies ahead
    assert (table.rows, table.facts) == (2, {"is_shipped": False})
    assert table.digest == hashlib.sha256((tmp_path / "prices.csv").read_bytes()).hexdigest()


def test_the_shipped_card_is_known_by_either_of_its_names_and_a_copy_of_it_is_the_users(tmp_path):
    file = resources.path(rate_cards.SHIPPED)
    (tmp_path / "copy.csv").write_bytes(file.read_bytes())
    tables = [read_table(Source(path=str(path)), None) for path in ("shipped:prices/token_prices.csv", file)]
    assert [table.facts["is_shipped"] for table in tables] == [True, True]
    assert tables[0].digest == tables[1].digest
    assert read_table(Source(path=str(tmp_path / "copy.csv")), None).facts == {"is_shipped": False}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "prices.csv: no such file (looked for it in the folder of the inputs file)"),
        ("", "prices.csv: the file is empty (0 bytes)"),
        (
            HEADER + GOOD.replace(",1,2,", ",1,-2,"),
            "prices.csv: row 2: 'output_per_mtok' must be a number of zero or more, got '-2'",
        ),
        (HEADER.replace("grade,", "") + GOOD.replace("published,", ""), "prices.csv: column 'grade' is missing"),
    ],
)
def test_a_card_that_cannot_be_read_is_named_as_given(tmp_path, content, words):
    if content is not None:
        (tmp_path / "prices.csv").write_text(content)
    with pytest.raises(InputError) as caught:
        read_table(Source(path="prices.csv", folder=str(tmp_path)), None)
    (found,) = caught.value.problems
    assert found.startswith(words)
    assert str(tmp_path) not in found


def test_a_folder_is_no_card(tmp_path):
    with pytest.raises(InputError, match="a file is expected, not a folder"):
        read_table(Source(path=str(tmp_path)), None)


def test_all_problems_of_a_card_come_together(tmp_path):
    (tmp_path / "prices.csv").write_text(HEADER + GOOD.replace(",1,2,", ",-1,-2,"))
    with pytest.raises(InputError) as caught:
        read_table(Source(path=str(tmp_path / "prices.csv")), None)
    assert len(caught.value.problems) == 2


def test_a_price_finds_the_row_that_says_it_and_when_it_was_last_seen():
    quote = shipped_rate_card().on("gpt-5", day="2026-03-01")[0]
    found = quote_of(quote.price, day=date(2026, 3, 1))
    assert (found.row, found.seen_on) == (quote.row, date(2026, 6, 6))
    assert quote_of(quote.price, day=date(2025, 1, 1)) is None  # not yet on sale
    assert quote_of(quote.price.model_copy(update={"input_per_mtok": 9.0})) is None
    assert quote_of(quote.price.model_copy(update={"model": "our-own"})) is None


def test_the_shipped_card_is_taken_as_checked_and_keeps_every_rule():
    checked = read_rate_card(resources.path(SHIPPED), name="token_prices.csv")
    pd.testing.assert_frame_equal(shipped_rate_card().frame, checked.frame)
