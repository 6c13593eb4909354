import pandas as pd

from aiecon.vocabulary.unit_doubts import Circles, suspected

CIRCLES = Circles("price", (("model",), ("provider",), ()), "per million tokens")


def table(*records):
    given = {"provider": "maker", "model": "small", "currency": "USD", "price": 1.0, "note": ""}
    return pd.DataFrame([{**given, **record} for record in records]).set_axis(range(2, 2 + len(records)))


def suspects(*records, trusted=None):
    return [row for row, _ in suspected(table(*records), CIRCLES, neighbours=trusted)]


def test_a_file_that_is_wrong_throughout_is_held_against_the_trusted_table():
    wrong = [{"price": 0.001, "model": f"m{place}"} for place in range(6)]
    assert suspects(*wrong) == []
    assert suspects(*wrong, trusted=table(*({"provider": f"p{place}"} for place in range(6)))) == [2, 3, 4, 5, 6, 7]


def test_an_ordinary_note_does_not_answer_for_a_unit_and_a_confirmed_one_does():
    notes = ("from vendor page", "not confirmed", "confirmed: by contract", "Confirmed by mail", "suspicious: a jump")
    assert suspects(*({"price": 0.001, "note": note} for note in notes), trusted=table({})) == [2, 3]


def test_a_table_without_a_trusted_one_accuses_a_row_far_from_the_others_of_its_model():
    assert suspects({}, {}, {}, {"price": 1000.0}) == [5]


def test_a_model_the_trusted_table_knows_is_not_held_against_the_file():
    trusted = table(*({"model": "large", "price": 600.0} for _ in range(3)))
    assert suspects(*({} for _ in range(6)), {"model": "large", "price": 600.0}, trusted=trusted)[-1:] != [8]


def test_another_currency_may_be_worth_little_and_never_much():
    trusted = table({}, {})
    assert suspects({"currency": "KRW", "price": 1400.0}, trusted=trusted) == []
    assert suspects({"currency": "EUR", "price": 0.0009}, trusted=trusted) == [2]


def test_a_price_of_zero_or_none_is_of_no_unit():
    assert suspects({"price": 0.0}, {"price": float("nan")}, trusted=table({})) == []
    assert suspects({"price": 0.0}, trusted=table({"price": 0.0})) == []
