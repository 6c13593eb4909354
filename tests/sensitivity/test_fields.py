from typing import ClassVar

import pytest
from small_question import SmallInputs, Tier, small, small_inputs

from aiecon.errors import InputError
from aiecon.sensitivity.fields import at_base, figures, number_at, uncertain_fields, value_at
from aiecon.vocabulary.correlation import Correlation
from aiecon.vocabulary.distribution import Uniform, uncertain
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.strict import Many, Strict


class Nameless(Strict):
    share: uncertain()


class Table(Strict):
    rates: dict[str, uncertain()]


class Holder(Strict):
    items: Many[Nameless]


def test_uncertain_fields_are_named_as_override_takes_them():
    fields = uncertain_fields(small_inputs())
    assert list(fields) == ["gpu.price_per_hour", 'tiers."gpt-4.1".cost']
    changed = override(small_inputs(), dict.fromkeys(fields, 12.0))
    assert uncertain_fields(changed) == {}
    assert changed.tiers[0].cost == 12.0


def test_at_base_every_distribution_is_its_base_and_checks_are_run():
    still = at_base(small_inputs())
    assert still.gpu.price_per_hour == 2.0
    assert isinstance(still, SmallInputs)
    wrong = small_inputs(gpu={"price_per_hour": Uniform(low=0.0, high=0.0)})
    with pytest.raises(InputError, match=r"gpu\.price_per_hour must be greater than 0"):
        at_base(wrong)


def test_an_uncertain_item_without_a_name_goes_by_its_place():
    half = Holder(items=[Nameless(share=0.5), Nameless(share=Uniform(low=0, high=1))])
    assert list(uncertain_fields(half)) == ["items.2.share"]
    assert override(half, {"items.2.share": 0.25}).items[1].share == at_base(half).items[1].share / 2 == 0.25
    assert value_at(half, "items.1.share") == 0.5


def test_an_uncertain_entry_of_a_table_goes_by_its_key():
    table = Table(rates={"eur.spot": Uniform(low=1, high=2), "gbp": 1.2})
    assert list(uncertain_fields(table)) == ['rates."eur.spot"']
    assert at_base(table).rates == {"eur.spot": 1.5, "gbp": 1.2}
    assert value_at(table, "rates.gbp") == 1.2


class Population(Strict):
    populations: ClassVar = ("people",)

    people: uncertain()
    price: uncertain()


def test_a_population_is_known_and_not_uncertain():
    spread = Uniform(low=0, high=1)
    assert list(uncertain_fields(Population(people=spread, price=spread))) == ["price"]
    assert at_base(Population(people=spread, price=spread)).people == spread


def test_correlations_go_with_the_doubt():
    class Tied(Strict):
        a: uncertain()
        b: uncertain()
        correlations: Many[Correlation] = ()

    spread = Uniform(low=0, high=1)
    tied = Tied.build({"a": spread, "b": spread, "correlations": [{"a": "a", "b": "b", "rank": 0.5}]})
    assert at_base(tied).correlations == ()


def test_values_are_found_by_dotted_name():
    assert value_at(small_inputs(), 'tiers."small".cost') == 25.0
    assert isinstance(value_at(small_inputs(), "tiers.small"), Tier)
    assert number_at(small_inputs(), 'tiers."gpt-4.1".cost') == 15.0
    assert isinstance(number_at(small_inputs(), "users"), int)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gpu.price", "gpu.price is not a field; did you mean price_per_hour"),
        ("tiers.medium.cost", r"tiers.medium.cost is not a field.*\(known: gpt-4.1, small\)"),
        ("users.more", "users.more is not a field"),
        ("tiers.small.name", "tiers.small.name must be a number to be varied, got 'small'"),
    ],
)
def test_names_that_lead_nowhere_are_refused(name, words):
    with pytest.raises(InputError, match=words):
        number_at(small_inputs(), name)


def test_figures_are_numbers_or_none_with_their_metric():
    answer = small(at_base(small_inputs(users=0)))
    (saving, metric), (payback, words) = figures(answer, ["saving", "payback"])
    assert (saving, metric.unit) == (-200.0, "USD")
    assert (payback, words.note) == (None, "not within the horizon")
    with pytest.raises(InputError, match="savings is not a key of the answer; did you mean saving"):
        figures(answer, ["savings"])
    with pytest.raises(InputError, match="winner must be a number to be varied, got 'api'"):
        figures(answer, ["winner"])
