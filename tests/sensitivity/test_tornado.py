import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_question import small, small_inputs
from strategies import LAW

from aiecon.errors import InputError
from aiecon.sensitivity.tornado import tornado
from aiecon.vocabulary.distribution import Normal

COST = 'tiers."gpt-4.1".cost'


def test_bars_by_hand():
    drawn = tornado(small, small_inputs(), key="saving", fields={"users": (8, 16), "tiers.small.cost": 0.2})
    rows = drawn.to_frame().set_index("name")
    assert drawn.base == 15 * 10 + 25 * 10 - 200
    assert (drawn.key, drawn.label, drawn.unit) == ("saving", "Saving", "USD")
    assert list(rows.index) == ["users", "gpu.price_per_hour", "tiers.small.cost", COST]
    assert rows.loc["gpu.price_per_hour", ["low_input", "high_input", "low", "high"]].tolist() == pytest.approx(
        [1.2, 2.8, 280.0, 120.0]
    )
    assert rows.loc[COST, "swing"] == pytest.approx(80.0)
    assert rows.loc["tiers.small.cost", "swing"] == pytest.approx(100.0)
    assert rows.loc["users", ["low", "high"]].tolist() == [120.0, 440.0]
    assert rows["note"].isna().all()


def test_a_whole_number_stays_whole_and_an_uncertain_field_may_get_other_ends():
    drawn = tornado(small, small_inputs(), key="saving", fields={"users": 0.25, "gpu.price_per_hour": (1.0, 3.0)})
    rows = drawn.to_frame().set_index("name")
    assert rows.loc["users", ["low_input", "high_input"]].tolist() == [8, 12]
    assert rows.loc["gpu.price_per_hour", "swing"] == pytest.approx(200.0)


def test_where_the_figure_vanishes_there_are_words_and_the_bar_stands_first():
    drawn = tornado(small, small_inputs(), key="payback", fields={"users": (0, 20)})
    first = drawn.bars[0]
    assert first.name == "users"
    assert (first.low, first.swing) == (None, None)
    assert first.note == "at 0: not within the horizon"
    assert drawn.bars[1].swing is not None


@LAW
@given(width=st.floats(0.0, 0.45))
def test_a_wider_swing_never_makes_a_shorter_bar_of_a_monotone_figure(width):
    narrow = tornado(small, small_inputs(), key="saving", low=0.49, high=0.51)
    wide = tornado(small, small_inputs(), key="saving", low=0.49 - width, high=0.51 + width)
    swings = {bar.name: bar.swing for bar in narrow.bars}
    assert all(bar.swing >= swings[bar.name] - 1e-9 for bar in wide.bars)


def test_nothing_uncertain_is_no_bars():
    inputs = small_inputs(gpu={"price_per_hour": 1.0}, tiers=[])
    assert tornado(small, inputs, key="saving").to_frame().empty


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key": "savings"}, "savings is not a key of the answer"),
        ({"low": 0.9, "high": 0.1}, "low and high must be shares"),
        ({"fields": {"user": 0.2}}, "user is not a field; did you mean users"),
        ({"fields": {"users": -0.2}}, "fields.users must be .* a relative swing above zero, got -0.2"),
        ({"fields": {"users": (3, 2)}}, r"fields.users must be \(low, high\) with low ≤ high"),
        ({"fields": {"gpu.price_per_hour": (-1.0, 2.0)}}, "gpu.price_per_hour must be greater than 0, got -1.0"),
    ],
)
def test_bad_input_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        tornado(small, small_inputs(), **{"key": "saving", **options})


def test_a_distribution_whose_end_the_inputs_refuse_is_named():
    inputs = small_inputs(gpu={"price_per_hour": Normal(p10=0.0, p90=6.0)})
    with pytest.raises(InputError, match=r"gpu\.price_per_hour must be greater than 0, got "):
        tornado(small, inputs, key="saving")
