"""One rule for amounts at every door: what one takes all take, to the same sum."""

from decimal import Decimal

import pytest
import spend_scene as scene

from aiecon import resolve, spend_review
from aiecon.errors import InputError
from aiecon.ingestion import checks, engine, invoices, store
from aiecon.ingestion.adapters import words
from aiecon.ingestion.adapters.reading import RefusedError
from aiecon.ingestion.readers import READERS
from aiecon.models.spend_review import SpendReviewInputs
from aiecon.vocabulary.source import Source

TAKEN = {"$50,000.00 ": 50_000, "1,234.50": 1234.5, "-$9.00": -9, "$1,234": 1234, "1,234,567": 1234567, "1.5e3": 1500}
REFUSED = ("1,234", "1.234,50", "12 EUR", "abc", "")


class Asked:
    as_of = None


def outcomes(path, cell):
    row = {"date": "2026-03-01", "use_case": "desk", "outcome": "solved", "count": "1", "value": cell}
    return Source(path=str(scene.to_csv(path, [row])))


def charges(path, cell):
    return Source(path=str(scene.to_csv(path, [{**scene.focus_rows()[0], "BilledCost": cell}])))


def direct(source):
    opened = engine.open_file(source)
    value, rules = engine.amount(opened, "BilledCost")
    engine.refuse(engine.check(opened, rules))
    return opened.table.select(cost=value).to_pandas()["cost"].item()


def loaded(source):
    return float(store.load([source.path], to=f"{source.path}-store").total)


def mapped(folder, cell, more):
    columns = f"BilledCost = {{column = 'cost', {more}}}\nChargePeriodStart = 'day'"
    head = "name = 'm'\n[constants]\nBillingCurrency = 'USD'\nProviderName = 'OpenAI'\n[columns]\n"
    (folder / "m.toml").write_text(head + columns)
    path = scene.to_csv(folder / "m.csv", [{"cost": cell, "day": "2026-03-01"}])
    return float(store.load([f"{folder}/m.toml:{path}"], to=str(folder / f"store {more}")).total)


def invoiced(path, cell):
    row = {"provider": "OpenAI", "month": "2026-03", "currency": "USD", "amount": cell}
    return float(invoices.read(Source(path=str(scene.to_csv(path, [row]))))[0].amount)


@pytest.mark.parametrize("cell", TAKEN)
def test_every_door_takes_an_amount_as_it_is_written(cell, tmp_path):
    amount = TAKEN[cell]
    assert words.amount(cell, "x") == Decimal(str(amount))
    source = charges(tmp_path / "bill.csv", cell)
    assert direct(source) == loaded(source) == amount
    assert mapped(tmp_path, cell, "factor = 0.01") == pytest.approx(amount / 100)
    assert mapped(tmp_path, cell, "sign = -1") == -amount
    assert invoiced(tmp_path / "invoices.csv", cell) == amount
    assert READERS["outcomes"](outcomes(tmp_path / "o.csv", cell), Asked()).frame["value"].item() == amount
    assert not checks.check_path(tmp_path / "o.csv")[0].problems


@pytest.mark.parametrize("cell", REFUSED)
def test_no_door_takes_what_can_mean_two_things_or_nothing(cell, tmp_path):
    source = charges(tmp_path / "bill.csv", cell)
    for read, error in (
        (lambda: words.amount(cell, "x"), RefusedError),
        (lambda: direct(source), InputError),
        (lambda: loaded(source), InputError),
        (lambda: mapped(tmp_path, cell, "sign = -1"), InputError),
        (lambda: invoiced(tmp_path / "invoices.csv", cell), InputError),
    ):
        with pytest.raises(error, match=r"number such as 12\.50 is expected"):
            read()


def test_a_vendors_cents_are_an_amount_too(tmp_path):
    pages = scene.anthropic_cost(scene.ANTHROPIC)
    pages[0]["results"][0]["amount"] = "$50,000.00 "
    made = store.load([str(scene.to_page(tmp_path / "cost.json", pages))], to=str(tmp_path / "store"))
    assert not made.refused
    assert made.total > 500


def test_a_review_reads_the_cost_that_is_loaded(tmp_path):
    path = charges(tmp_path / "bill.csv", "$50,000.00 ").path
    assert spend_review(resolve(SpendReviewInputs(spend=path))).billed_cost == 50_000
