"""Laws of the store: order, spelling of units and copies of files change nothing."""

import random
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
import spend_scene as scene
from hypothesis import given
from hypothesis import strategies as st
from spend_scene import SCENE, TOTAL
from strategies import LAW, LAW_WITH_FILES, charge_frames

from aiecon.errors import InputError
from aiecon.ingestion import engine, store
from aiecon.ingestion.adapters import pricing, words
from aiecon.ingestion.adapters.columns import CANONICAL
from aiecon.ingestion.adapters.pricing import Tokens
from aiecon.ingestion.adapters.reading import RefusedError
from aiecon.ingestion.rate_cards import shipped_rate_card
from aiecon.vocabulary.source import Source

UNITS = {
    "Tokens": 1,
    "token": 1,
    "1K": 1_000,
    "1K Tokens": 1_000,
    "1000 Tokens": 1_000,
    "1,000 Tokens": 1_000,
    "1M": 1_000_000,
    "1M Tokens": 1_000_000,
    "1000000 Tokens": 1_000_000,
    "MTok": 1_000_000,
}


@pytest.mark.parametrize("unit", UNITS)
def test_every_spelling_of_a_unit_is_the_same_quantity(unit, tmp_path):
    rows = scene.focus_rows(unit=unit, size=UNITS[unit])
    store.load([str(scene.to_csv(tmp_path / "bill.csv", rows))], to=str(tmp_path / "store"))
    (file,) = (tmp_path / "store").rglob("*.parquet")
    frame = pd.read_parquet(file)
    assert set(frame["ConsumedUnit"]) == {"Tokens"}
    assert frame["ConsumedQuantity"].sum() == sum(one.whole_input + one.output for one in SCENE)
    assert frame["x_CacheReadTokens"].sum() == 74_000
    assert frame["x_CacheWrite5mTokens"].sum() == 3_000


@pytest.mark.parametrize("unit", ["M", "m", "M Tokens"])
def test_m_alone_is_refused(unit):
    with pytest.raises(RefusedError, match="a thousand or a million"):
        words.unit_factor(unit, is_tokens=True)


@pytest.mark.parametrize("unit", ["GB-Months", "1K requests", "Hours", "PTU-Hours", "10K"])
def test_units_of_other_things_stay_as_they_are(unit):
    assert words.unit_factor(unit, is_tokens=False) is None


@LAW_WITH_FILES
@given(charge_frames, st.integers(0, 9))
def test_order_copies_and_splits_change_no_total(frame, seed):
    frame = frame.assign(ChargeDescription=[f"line {place}" for place in range(len(frame))])
    total = sum(map(Decimal, frame["BilledCost"]))
    order = random.Random(seed).sample(range(len(frame)), len(frame))
    with TemporaryDirectory() as folder:
        at = Path(folder)
        frame.to_csv(at / "a.csv", index=False)
        frame.iloc[order].to_csv(at / "b.csv", index=False)
        half = len(frame) // 2
        for name, part in (("c.csv", frame.iloc[:half]), ("d.csv", frame.iloc[half:])):
            part.to_csv(at / name, index=False)
        halves = [str(at / name) for name, part in (("c.csv", half), ("d.csv", 1)) if part]
        for sources in (["a.csv"], ["b.csv"], ["a.csv", "b.csv"]):
            made = store.load([str(at / name) for name in sources], to=str(at / "-".join(["store", *sources])))
            assert made.total == total
            assert made.rows == len(frame)
        assert store.load(halves, to=str(at / "halves")).total == total


def test_rows_that_repeat_within_a_file_stay(tmp_path):
    rows = [{**row, "x_RequestId": ""} for row in scene.focus_rows()]
    made = store.load([str(scene.to_csv(tmp_path / "bill.csv", rows * 2))], to=str(tmp_path / "store"))
    assert made.total == 2 * TOTAL


def test_the_same_source_twice_changes_nothing(tmp_path):
    source = str(scene.to_csv(tmp_path / "bill.csv", scene.focus_rows()))
    store.load([source], to=str(tmp_path / "store"))
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in _files(tmp_path / "store")}
    again = store.load([source, source], to=str(tmp_path / "store"))
    assert not again.is_written
    assert again.total == TOTAL
    assert before == {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in _files(tmp_path / "store")}


def _files(folder):
    return sorted(file for file in folder.rglob("*") if file.is_file())


def test_the_store_is_partitioned_by_billing_month(tmp_path):
    rows = scene.focus_rows()
    rows[0] |= {"ChargePeriodStart": "2026-04-01", "ChargePeriodEnd": "2026-04-02"}
    store.load([str(scene.to_csv(tmp_path / "bill.csv", rows))], to=str(tmp_path / "store"))
    assert sorted(path.parent.name for path in (tmp_path / "store").rglob("*.parquet")) == [
        "month=2026-03",
        "month=2026-04",
    ]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_failed_write_leaves_the_store_as_it_was(tmp_path, monkeypatch):
    store.load([str(scene.to_csv(tmp_path / "a.csv", scene.focus_rows(SCENE[:2])))], to=str(tmp_path / "store"))
    before = [file.read_bytes() for file in _files(tmp_path / "store")]
    monkeypatch.setattr(store, "_write_refused", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.load([str(scene.to_csv(tmp_path / "b.csv", scene.focus_rows(SCENE[2:])))], to=str(tmp_path / "store"))
    assert [file.read_bytes() for file in _files(tmp_path / "store")] == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv", "store"]


def test_a_store_cut_off_between_the_old_and_the_new_stands_again(tmp_path):
    source = str(scene.to_csv(tmp_path / "a.csv", scene.focus_rows()))
    store.load([source], to=str(tmp_path / "store"))
    (tmp_path / ".store.12345678").mkdir()
    (tmp_path / "store").replace(tmp_path / ".store.12345678" / "before")
    again = store.load([source], to=str(tmp_path / "store"))
    assert (again.is_written, again.total) == (False, TOTAL)
    assert len(_files(tmp_path / "store")) == 2


@pytest.mark.parametrize("model", ["openai/gpt-5", "anthropic/claude-sonnet-4-5"])
@LAW
@given(st.integers(0, 400_000), st.integers(0, 100_000), st.integers(0, 50_000))
def test_prices_agree_with_those_of_the_rate_card(model, uncached, read, output):
    provider, _, name = model.partition("/")
    price = shipped_rate_card().on(model, day="2026-03-02")[0].price
    own = pricing.priced(provider, name, words.moment("2026-03-02", "x").date(), Tokens(uncached, read, 0, 0, output))
    other = price.request_cost(input_tokens=uncached + read, cached_input_tokens=read, output_tokens=output)
    assert float(own) == pytest.approx(other)


def invoices(path, **amounts):
    lines = [f'INV,{provider},2026-03,"{amount}",USD' for provider, amount in amounts.items()]
    path.write_text("invoice_id,provider,month,amount,currency\n" + "\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def bill(tmp_path):
    """The scene a million times dearer, so that a cent is small."""
    rows = scene.focus_rows()
    for row in rows:
        row["BilledCost"] = row["EffectiveCost"] = f"{Decimal(row['BilledCost']) * 10_000:f}"
    return rows


def reconciled(tmp_path, rows, **amounts):
    source = str(scene.to_csv(tmp_path / "bill.csv", rows))
    invoice = invoices(tmp_path / "invoices.csv", **amounts)
    return store.load([source], to=str(tmp_path / "store"), invoice=invoice)


def test_an_invoice_that_agrees_reconciles_to_the_cent(tmp_path, bill):
    made = reconciled(tmp_path, bill, OpenAI="617.50", anthropic="9,937.50")
    assert [one.unexplained for one in made.reconciled] == [0, 0]
    assert made.is_written


def test_an_invoice_further_off_than_the_tolerance_writes_nothing_and_names_the_biggest_rows(tmp_path, bill):
    made = reconciled(tmp_path, bill, OpenAI="700", Anthropic="9950")
    (problem,) = made.problems
    assert "OpenAI 2026-03: invoiced 700.00, loaded 617.50, unexplained 82.50" in problem
    assert "bill.csv row" in problem
    assert not (tmp_path / "store").exists()


def test_credits_tax_and_rounding_explain(tmp_path, bill):
    more = {"ConsumedQuantity": "", "ConsumedUnit": "", "SkuMeter": "", "x_RequestId": ""}
    bill += [
        {**bill[0], **more, "ChargeCategory": "Credit", "BilledCost": "-100", "EffectiveCost": "-100"},
        {**bill[-1], **more, "ChargeCategory": "Tax", "BilledCost": "1000", "EffectiveCost": "1000"},
    ]
    made = reconciled(tmp_path, bill, OpenAI="617.50", Anthropic="9937.51")
    assert [one.explained for one in made.reconciled] == [
        {"credits": 100},
        {"tax": -1000, "rounding": Decimal("0.01")},
    ]
    assert made.is_written


def test_charges_without_an_invoice_stand_by_account_with_or_without_a_list_of_invoices(tmp_path, bill):
    for row in bill:
        row["BillingAccountId"] = "a" if row["ProviderName"] == "OpenAI" else "b"
    source = str(scene.to_csv(tmp_path / "bill.csv", bill))
    made = store.load([source], to=str(tmp_path / "store"))
    found = [(one.provider, one.account, one.month, one.loaded) for one in made.uninvoiced]
    assert found == [
        ("Anthropic", "b", "2026-03", Decimal("9937.50")),
        ("OpenAI", "a", "2026-03", Decimal("617.50")),
    ]
    (tmp_path / "some.csv").write_text("provider,account,month,amount,currency\nOpenAI,a,2026-03,617.50,USD\n")
    made = store.load([source], to=str(tmp_path / "store"), invoice=str(tmp_path / "some.csv"))
    assert [one.account for one in made.uninvoiced] == ["b"]


def test_an_invoice_of_an_unknown_provider_names_the_nearest(tmp_path, bill):
    made = reconciled(tmp_path, bill, OpenAl="617.50")
    assert "the nearest provider is OpenAI" in made.problems[0]


def test_an_invoice_of_an_account_without_charges_is_unexplained_and_names_those_loaded(tmp_path, bill):
    for row in bill:
        row["BillingAccountId"] = "acc"
    (tmp_path / "tax.csv").write_text("provider,account,month,amount,currency,tax\nOpenAI,zz,2026-03,7,USD,7\n")
    source = str(scene.to_csv(tmp_path / "bill.csv", bill))
    made = store.load([source], to=str(tmp_path / "store"), invoice=str(tmp_path / "tax.csv"))
    assert [(one.explained, one.unexplained) for one in made.reconciled] == [({}, 7)]
    assert made.problems[0].endswith("of OpenAI there are the months 2026-03 and the accounts acc")


def test_invoice_lines_that_say_the_same_are_named_where_they_leave_a_difference(tmp_path, bill):
    source, path = str(scene.to_csv(tmp_path / "bill.csv", bill)), tmp_path / "invoices.csv"
    for second, told in (("OpenAI,2026-03,517.5", "rows 2, 3 say the same"), ("OpenAI,2026-03,517.4", "biggest rows")):
        path.write_text(f"provider,month,amount,currency\nOpenAI,2026-03,517.5,USD\n{second},USD\n")
        (problem,) = store.load([source], to=str(tmp_path / "store"), invoice=str(path)).problems
        assert told in problem
        assert ("is one invoice there twice?" in problem) == ("same" in told)


def test_credits_are_taken_off_whatever_their_sign(tmp_path, bill):
    path = tmp_path / "invoices.csv"
    for credit in ("50", "-50"):
        path.write_text(f"provider,month,amount,currency,credits\nOpenAI,2026-03,467.5,USD,{credit}\n")
        source = str(scene.to_csv(tmp_path / "bill.csv", bill))
        made = store.load([source], to=str(tmp_path / f"store{credit}"), invoice=str(path))
        assert made.reconciled[0].explained == {"credits": -50}


def test_an_invoice_file_with_problems_names_them_all(tmp_path, bill):
    source = str(scene.to_csv(tmp_path / "bill.csv", bill))
    (tmp_path / "bad.csv").write_text(
        "provider,month,amount,currency\nA,4/1/25,1,USD\nB,2026-03,x,USD\nC,2026-03,1,$\n"
    )
    with pytest.raises(InputError) as error:
        store.load([source], to=str(tmp_path / "store"), invoice=str(tmp_path / "bad.csv"))
    assert [problem.split("column ")[1][:12] for problem in error.value.problems] == [
        "'month': row",
        "'amount': ro",
        "'currency': ",
    ]


def test_every_month_of_a_store_has_all_columns_and_a_reader_is_told_of_those_that_say_something(tmp_path):
    costs = scene.to_page(tmp_path / "costs.json", scene.openai_costs())
    later = scene.to_csv(tmp_path / "april.csv", [{**scene.focus_rows()[0], **APRIL}])
    store.load([str(costs), str(later)], to=str(tmp_path / "store"))
    march, april = (pd.read_parquet(file) for file in sorted((tmp_path / "store").rglob("*.parquet")))
    assert set(CANONICAL) <= set(march.columns)
    assert list(march.columns) == list(april.columns)
    assert march["x_InputTokens"].isna().all()
    columns = engine.open_file(Source(path=str(tmp_path / "store"))).columns
    assert {"x_InputTokens", "BilledCost"} <= set(columns)
    assert "x_Retries" not in columns
    asked = engine.open_file(Source(path=str(tmp_path / "store")), asked=["x_Retries"]).columns
    assert set(asked) == {*columns, "x_Retries"}


APRIL = {"ChargePeriodStart": "2026-04-01", "ChargePeriodEnd": "2026-04-02", "x_RequestId": ""}
