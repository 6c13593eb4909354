"""What real exports look like: what is legitimate is loaded, what is not is named, nothing is lost."""

import csv
import gzip
import json
import re
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import spend_scene as scene
from spend_scene import SCENE

from aiecon.errors import InputError
from aiecon.ingestion import invoices, store
from aiecon.vocabulary.source import Source


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def focus(here, name="bill.csv", **first):
    """A FOCUS file whose first row has other cells."""
    rows = scene.focus_rows()
    rows[0] |= first
    return scene.to_csv(here / name, rows)


def load(*sources, **options):
    return store.load([str(source) for source in sources], to="store", **options)


def refused():
    with Path("store/refused.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("ChargePeriodStart", "4/1/25", "has '4/1/25', an ISO date such as 2026-03-31 is expected"),
        ("BilledCost", "", "is empty, a plain number such as 12.50 is expected"),
        ("BilledCost", "1,234", "has '1,234', a plain number such as 12.50 is expected"),
        ("BilledCost", "nan", "has 'nan', a plain number such as 12.50 is expected"),
        ("BillingCurrency", "usd", "has 'usd', a currency code of ISO 4217 such as USD is expected"),
        ("ConsumedUnit", "M", "unit 'M' can be a thousand or a million; write 1K or 1M"),
        ("ChargePeriodEnd", "2026-03-01", "a period that ends after its ChargePeriodStart is expected"),
        ("EffectiveCost", "free", "has 'free', a plain number such as 12.50 is expected"),
    ],
)
def test_a_row_that_cannot_be_a_charge_is_refused_with_words(here, column, cell, reason):
    made = load(focus(here, **{column: cell}))
    (one,) = made.counted
    assert (one.rows_in, one.refused) == (one.loaded + 1, 1)
    (line,) = refused()
    assert (line["row"], line["column"]) == ("2", column)
    assert line["file"].endswith("bill.csv")
    assert reason in line["reason"]


def test_a_unit_that_nobody_knows_is_named_and_its_money_is_loaded(here):
    made = load(focus(here, ConsumedUnit="blorps"))
    ((name, one),) = made.units
    assert name.endswith("bill.csv")
    assert (one.unit, one.rows, one.of_tokens) == ("blorps", 1, 1)
    assert made.total == scene.TOTAL
    assert not load(focus(here, "other.csv", ConsumedUnit="1K Requests")).units


@pytest.mark.parametrize(
    "said", [{"SkuMeter": "Input tokens"}, {"SkuMeter": "", "x_ModelId": "gpt-4.1", "ChargeDescription": "input"}]
)
@pytest.mark.parametrize(("unit", "tokens"), [("1K", 2_000), ("1M", 2_000_000), ("Tokens", 2)])
def test_a_meter_or_a_model_says_that_a_unit_is_of_tokens(here, said, unit, tokens):
    other = {"ServiceCategory": "", "x_ModelId": "", "PricingUnit": "", "PricingQuantity": ""}
    path = focus(here, **(other | said), ConsumedUnit=unit, ConsumedQuantity="2", x_InputTokens="")
    load(path)
    frame = pd.concat(map(pd.read_parquet, Path("store").rglob("*.parquet")))
    assert frame.set_index("x_SourceRow")["x_InputTokens"][2] == tokens
    made = store.load([str(focus(here, "m.csv", **(other | said), ConsumedUnit="M"))], to="m")
    assert [one.reason for one in made.refused] == ["unit 'M' can be a thousand or a million; write 1K or 1M"]


@pytest.mark.parametrize(
    ("meter", "said", "model"),
    [
        ("gpt-4o Inp glbl Tokens", "", "gpt-4o"),
        ("gpt 4o mini 0718 cached Inp regnl", "", "gpt 4o mini 0718"),
        ("gpt-4o Inp glbl Tokens", "ours", "ours"),
        ("Input tokens", "", None),
        ("Zinput", "", None),
    ],
)
def test_a_token_meter_names_its_model_where_nothing_else_does(here, meter, said, model):
    load(focus(here, SkuMeter=meter, x_ModelId=said, ConsumedUnit="1M", ConsumedQuantity="2", x_InputTokens=""))
    frame = pd.concat(map(pd.read_parquet, Path("store").rglob("*.parquet")))
    found = frame.set_index("x_SourceRow")["x_ModelId"][2]
    assert model is None if pd.isna(found) else found == model


def test_a_unit_that_nobody_knows_is_named_whatever_the_charge_is(here):
    made = load(focus(here, ServiceCategory="", x_ModelId="", SkuMeter="", ConsumedUnit="Zorks"))
    assert [one.unit for _, one in made.units] == ["Zorks"]


def test_cells_that_are_no_currency_are_named_beside_those_that_mix(here):
    rows = scene.focus_rows()[:5]
    for row, code in zip(rows, ("USD", "EUR", "eur", "XXZ", ""), strict=True):
        row["BillingCurrency"] = code
    with pytest.raises(InputError) as refused:
        load(scene.to_csv(here / "bill.csv", rows))
    mixed, *broken = refused.value.problems
    assert "mixes currencies (EUR in 1 rows, USD in 1 rows)" in mixed
    assert [line.split("'BillingCurrency': ")[1].split(",")[0] for line in broken] == [
        "row 4 has 'eur'",
        "row 5 has 'XXZ'",
        "row 6 is empty",
    ]


@pytest.mark.parametrize(
    ("cells", "layer"),
    [
        ({}, "model"),
        ({"ConsumedUnit": "Seats", "SkuMeter": "Copilot seats", "x_ModelId": ""}, "saas"),
        ({"ConsumedUnit": "Hours", "SkuMeter": "ml.p5 GPU hours", "x_ModelId": ""}, "infrastructure"),
        ({"ConsumedUnit": "GB", "SkuMeter": "Vector store", "x_ModelId": ""}, "platform"),
        ({"ServiceCategory": "Compute", "SkuMeter": "VM", "ConsumedUnit": "Hours", "x_ModelId": ""}, None),
        ({"ChargeCategory": "Tax"}, None),
        ({"ChargeCategory": "Tax", "x_Layer": "platform"}, "platform"),
    ],
)
def test_the_layer_of_a_charge_is_told_from_service_meter_and_unit(here, cells, layer):
    rows = [scene.focus_rows()[0] | {"x_Layer": ""} | cells, scene.focus_rows()[1]]
    made = load(scene.to_csv(here / "bill.csv", rows))
    frame = pd.concat(pd.read_parquet(file) for file in (here / "store").rglob("*.parquet"))
    assert frame.set_index("x_SourceRow")["x_Layer"].fillna("")[2] == (layer or "")
    assert sum(rows for _, rows, *_ in made.layers) == 2


def test_money_written_with_dollars_and_thousands_is_read(here):
    made = load(focus(here, BilledCost="$50,000.00 "))
    assert not made.refused
    assert made.total > 50_000


def test_a_dollar_sign_in_another_currency_is_refused(here):
    rows = [{**row, "BillingCurrency": "EUR"} for row in scene.focus_rows()]
    rows[0]["BilledCost"] = "$5.00"
    load(scene.to_csv(here / "bill.csv", rows))
    assert "a dollar sign in a currency that is no dollar" in refused()[0]["reason"]


def test_negative_corrections_are_loaded(here):
    row = {"BilledCost": "-3.00", "EffectiveCost": "-3.00", "ConsumedQuantity": "-100"}
    made = load(focus(here, **row))
    assert not made.refused
    assert made.total < 0


def test_a_byte_order_mark_is_no_part_of_the_first_column(here):
    source = focus(here)
    source.write_bytes(b"\xef\xbb\xbf" + source.read_bytes())
    assert load(source).total == scene.TOTAL


def test_a_truncated_csv_loads_its_whole_rows(here):
    source = focus(here)
    source.write_text(source.read_text()[:-60])
    made = load(source)
    assert made.counted[0].refused == 1
    assert made.counted[0].loaded == made.counted[0].rows_in - 1 > 5
    assert "may be truncated" in refused()[0]["reason"]


def test_truncated_json_lines_load_their_whole_lines(here):
    source = scene.to_lines(here / "spans.jsonl", scene.otel_spans())
    source.write_text(source.read_text()[:-80])
    made = load(source)
    assert (made.counted[0].loaded, made.counted[0].refused) == (4, 1)
    assert "not a whole JSON object" in refused()[0]["reason"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bill.csv", "BilledCost,ChargePeriodStart,BillingCurrency\n1,M\u00e4rz,USD\n".encode("latin-1"), "UTF-8"),
        ("bill.csv", "BilledCost,M\u00e4rz\n".encode("latin-1"), "byte 13, in line 1, is 0xE4"),
        ("bill.csv", b"BilledCost,b\n" * 99_999 + b"\xc3\n", "byte 1,299,988, in line 100,000, is 0xC3"),
        ("bill.csv", "BilledCost,b\n".encode("utf-16"), "FF FE as UTF-16 text does"),
        ("bill.csv", b"PK\x03\x04\xff\xff", "a zip archive or an Excel workbook"),
        ("bill.csv", gzip.compress(b"BilledCost,b\n", mtime=0), "packed by gzip; end its name in .gz"),
        (
            "page.json",
            json.dumps({"data": scene.openai_usage()}).encode()[:-200],
            "truncated; export it again (line 1,",
        ),
        ("logs.jsonl", "{}\n".encode("utf-16"), "FF FE as UTF-16 text does"),
        ("logs.jsonl", b" \n\n", "nothing but blanks"),
        ("bill.csv", b"", "the file is empty"),
        ("page.json", json.dumps({"data": scene.openai_usage()}, indent=1)[:-200].encode(), "may be truncated"),
        ("bill.parquet", b"PAR1 and no more", "may be truncated"),
        ("bill.csv", b"sku.description,service.description,cost\na,b,1\n", "looks like Google Cloud billing"),
        ("bill.csv", b"traceId,usageDetails\na,b\n", "looks like Langfuse"),
        ("bill.csv", b"BilledCost,ChargePeriodStart\n1,2026-03-01\n", "almost focus, but BillingCurrency is missing"),
        ("bill.csv", b"a,b\n1,2\n", "no adapter knows it by its columns (a, b)"),
        ("bill.csv", b"BilledCost,ChargePeriodStart,BillingCurrency\n", "the file has no rows"),
        ("bill.txt", b"a", "is expected"),
        ("invoices.csv", b"provider,month,amount,currency\na,2026-03,1,USD\n", "give it as --invoice"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named_and_nothing_is_written(here, name, content, words):
    (here / name).write_bytes(content)
    with pytest.raises(InputError, match=":") as error:
        load(name)
    assert words in str(error.value)
    assert name in str(error.value)
    assert [file.name for file in here.iterdir()] == [name]


def test_a_folder_names_every_file_it_cannot_load(here):
    (here / "in").mkdir()
    (here / "in" / "a.csv").write_text("a,b\n1,2\n")
    (here / "in" / "b.csv").write_text("")
    focus(here / "in", "c.csv")
    with pytest.raises(InputError) as error:
        load("in")
    *problems, go_on = error.value.problems
    assert [problem.split(":")[0] for problem in problems] == ["in/a.csv", "in/b.csv"]
    assert go_on.endswith(f"to go on without, load in/c.csv ({len(scene.focus_rows())} rows)")


def test_mixed_currencies_are_refused_in_a_file_and_in_a_store(here):
    with pytest.raises(InputError, match="mixes currencies"):
        load(focus(here, BillingCurrency="EUR"))
    load(focus(here, "usd.csv"))
    euros = scene.to_csv(here / "eur.csv", [{**row, "BillingCurrency": "EUR"} for row in scene.focus_rows()])
    before = sorted((file.name, file.stat().st_mtime_ns) for file in (here / "store").rglob("*"))
    with pytest.raises(InputError, match="mixed currencies"):
        load(euros)
    assert sorted((file.name, file.stat().st_mtime_ns) for file in (here / "store").rglob("*")) == before


def test_a_source_of_which_nothing_can_be_loaded_is_refused(here):
    rows = [{**row, "ChargePeriodStart": "4/1/25"} for row in scene.focus_rows()]
    with pytest.raises(InputError, match="row 2 has '4/1/25'"):
        load(scene.to_csv(here / "bill.csv", rows))
    assert not (here / "store").exists()


def test_usage_that_has_no_price_is_refused_with_the_nearest_models(here):
    page = scene.openai_usage()
    page[0]["results"][0]["model"] = "gpt-55"
    page[1]["results"][0]["model"] = None
    page += scene.openai_usage()[:1]
    load(scene.to_page(here / "usage.json", page))
    assert "nearest: gpt-5" in refused()[0]["reason"]
    assert "group the export by model" in refused()[1]["reason"]


def test_a_folder_that_is_no_store_is_not_overwritten(here):
    (here / "store").mkdir()
    (here / "store" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="the folder holds other files"):
        load(focus(here))
    assert (here / "store" / "mine.txt").read_text() == "mine"


def test_focus_1_3_says_the_provider_in_another_column(here):
    rows = [{"ServiceProviderName": row.pop("ProviderName"), **row} for row in scene.focus_rows()]
    load(scene.to_csv(here / "bill.csv", rows))
    frame = pd.concat(pd.read_parquet(file) for file in (here / "store").rglob("*.parquet"))
    assert set(frame["ProviderName"]) == {"OpenAI", "Anthropic"}


def test_a_mapping_file_says_what_is_wrong_with_it(here):
    (here / "my.toml").write_text('name = "mine"\n[columns]\nBilledCost = "cost"\nx_Teem = "team"\n')
    (here / "bill.csv").write_text("cost,team\n1,a\n")
    with pytest.raises(InputError, match=r"my.toml: columns.x_Teem is no column of the store; did you mean x_Team\?"):
        load("my.toml:bill.csv")


def test_a_mapping_scales_turns_and_filters(here):
    (here / "my.toml").write_text(
        'name = "mine"\nkind = "usage"\n[columns]\nBilledCost = { column = "cents", factor = 0.01, sign = -1 }\n'
        'ChargePeriodStart = { column = "when", date = "%d.%m.%Y" }\nx_OutputTokens = { column = "out", unit = "1K" }\n'
        '[constants]\nBillingCurrency = "EUR"\nProviderName = "Ours"\n[filter]\nkind = ["ai*"]\n'
    )
    (here / "bill.csv").write_text(
        "cents,when,out,kind\n-1250,01.04.2026,1.5,ai-chat\n-1,01.04.2026,1,disk\n-5,4/1/26,1,ai\n"
    )
    made = load("my.toml:bill.csv")
    (one,) = made.counted
    assert (one.rows_in, one.loaded, one.refused, one.left_out) == (3, 1, 1, 1)
    assert str(made.total.normalize()) == "12.5"
    (file,) = (here / "store").rglob("*.parquet")
    assert int(pd.read_parquet(file)["x_OutputTokens"].iloc[0]) == 1_500


def test_a_request_id_with_two_costs_is_refused(here):
    rows = scene.litellm_rows()
    rows.append({**rows[0], "spend": 9.0})
    made = load(scene.to_lines(here / "logs.jsonl", rows))
    assert made.total == scene.TOTAL
    assert "stands in row 1 with another cost" in refused()[0]["reason"]
    assert len(SCENE) == made.counted[0].loaded


@pytest.mark.parametrize(
    "content", ['[1, {"spend": 1, "request_id": "a", "startTime": {}}]', '{"data": [5], "results": 3}']
)
@pytest.mark.parametrize("adapter", ["litellm", "otel", "openai_usage", "anthropic_cost"])
def test_json_of_another_shape_is_refused_with_words(here, adapter, content):
    (here / "odd.json").write_text(content)
    with pytest.raises(InputError, match=r"odd\.json"):
        load(f"{adapter}:odd.json")


def test_files_that_cannot_be_read_name_those_that_can(tmp_path):
    scene.to_csv(tmp_path / "bill.csv", scene.focus_rows())
    (tmp_path / "cut.json").write_text('{"data": [')
    (tmp_path / "foreign.csv").write_text("foo,bar\n1,2\n")
    with pytest.raises(InputError) as error:
        store.load([str(tmp_path)], to=str(tmp_path / "store"))
    cut, foreign, go_on = error.value.problems
    assert ("cut.json: not a whole JSON" in cut, "foreign.csv: no adapter" in foreign) == (True, True)
    assert go_on == f"nothing was written; to go on without, load {tmp_path}/bill.csv ({len(scene.focus_rows())} rows)"
    broken = scene.focus_rows()[:1]
    broken[0]["BilledCost"] = "?"
    sources = [str(scene.to_csv(tmp_path / "broken.csv", broken)), str(tmp_path / "bill.csv")]
    with pytest.raises(InputError, match=rf"to go on without, load .*bill.csv \({len(scene.focus_rows())} rows\)"):
        store.load(sources, to=str(tmp_path / "store"))
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("foo", "no adapter or mapping is called 'foo'; the nearest are focus, "),
        ("focsu", "no adapter or mapping is called 'focsu'; the nearest are focus"),
        ("litellm", "no such file or folder"),
        ("focus", "focus reads .csv, .csv.gz, .parquet; leave out 'focus:'"),
    ],
)
def test_an_adapter_that_is_named_is_there_and_reads_the_file(prefix, words, tmp_path):
    name = "absent.json" if prefix == "litellm" else "logs.json"
    (tmp_path / "logs.json").write_text("[]")
    with pytest.raises(InputError, match=re.escape(words)):
        store.load([f"{prefix}:{tmp_path / name}"], to=str(tmp_path / "store"))


def test_more_cached_tokens_than_the_input_that_has_them_are_refused(here):
    day = {"start_time": 1_772_323_200, "end_time": 1_772_409_600}
    used = {"model": "gpt-5", "num_model_requests": 1, "output_tokens": 1}
    tokens = ({"input_tokens": 1_000, "input_cached_tokens": cached} for cached in (2_000, 500))
    (here / "u.json").write_text(json.dumps({"data": [day | {"results": [used | one for one in tokens]}]}))
    made = load("openai_usage:u.json")
    (one,) = made.refused
    assert (one.column, one.reason) == ("input_cached_tokens", "has 2,000 of 1,000 input tokens, which include them")
    assert made.rows == 1


def test_all_that_is_wrong_with_a_row_is_told(here):
    rows = scene.focus_rows()
    rows[1] |= {
        "BilledCost": "abc",
        "BillingCurrency": "usd dollars",
        "ChargePeriodStart": "nope",
        "ConsumedQuantity": "q",
    }
    made = load(scene.to_csv(here / "bill.csv", rows))
    (line,) = refused()
    assert (line["row"], line["column"], len(made.refused)) == ("3", "ChargePeriodStart", 1)
    for words in (
        "has 'nope'",
        "'BilledCost' has 'abc'",
        "'BillingCurrency' has 'usd dollars'",
        "'ConsumedQuantity' has 'q'",
    ):
        assert words in line["reason"]


def test_all_that_is_wrong_with_a_request_of_a_log_is_told(here):
    rows = scene.litellm_rows()
    rows[0] |= {"startTime": "4/1/25", "prompt_tokens": "-5", "spend": "abc"}
    load(scene.to_lines(here / "log.jsonl", rows))
    (line,) = refused()
    assert line["column"] == "startTime"
    assert "column 'prompt_tokens' has '-5'" in line["reason"]
    assert "column 'spend' has 'abc'" in line["reason"]


def test_what_could_be_loaded_without_the_files_that_fail_is_named_and_they_are_not(here):
    scene.to_csv(here / "good.csv", scene.focus_rows())
    rows = scene.focus_rows()
    rows[0]["BillingCurrency"] = "EUR"
    scene.to_csv(here / "mixed.csv", rows)
    (here / "head.csv").write_text(",".join(rows[0]) + "\n")
    (here / "empty.csv").write_text("")
    with pytest.raises(InputError) as caught:
        store.load([f"{here}/"], to=str(here / "store"))
    *problems, advice = caught.value.problems
    assert {Path(problem.split(":")[0]).name for problem in problems} == {"mixed.csv", "head.csv", "empty.csv"}
    assert advice.endswith(f"to go on without, load {here}/good.csv ({len(rows)} rows)")


def test_all_that_is_wrong_with_a_line_of_invoices_is_told(here):
    line = {"provider": "", "month": "4/1/25", "amount": "x", "currency": "eur"}
    with pytest.raises(InputError) as caught:
        invoices.read(Source(path=str(scene.to_csv(here / "invoices.csv", [line]))))
    (problem,) = caught.value.problems
    for words in ("'month': row 2 has '4/1/25'", "'amount' has 'x'", "'currency' has 'eur'", "'provider' is empty"):
        assert words in problem


def test_a_page_that_says_that_more_follow_is_told_unless_the_next_one_is_there(here):
    more, last = ({"object": "page", "data": [], "has_more": is_open} for is_open in (True, False))
    more["data"] = scene.openai_costs()
    for name, pages, notes in (("open", [more], 1), ("whole", [more, last], 0)):
        made = store.load([str(scene.to_lines(here / f"{name}.jsonl", pages))], to=name)
        assert sum("more follow (has_more)" in note for note in made.notes) == notes


def test_a_category_that_focus_does_not_know_is_told(here):
    (note,) = (note for note in load(focus(here, ChargeCategory="Usge")).notes if "ChargeCategory" in note)
    assert "has 'Usge' in 1 rows, which FOCUS does not know (Usage, Purchase, Tax, Credit, Adjustment)" in note


def test_what_has_no_invoice_goes_by_the_sub_account_where_invoices_do(here):
    rows = [
        {**scene.focus_rows()[place], "BillingAccountId": "B1", "SubAccountId": name, "x_RequestId": ""}
        for place, name in enumerate(("one", "two"))
    ]
    line = {"provider": "OpenAI", "account": "one", "month": "2026-03", "currency": "USD"}
    invoice = scene.to_csv(here / "invoices.csv", [line | {"amount": rows[0]["BilledCost"]}])
    made = load(scene.to_csv(here / "bill.csv", rows), invoice=str(invoice))
    assert [(left.account, str(left.loaded.normalize())) for left in made.uninvoiced] == [
        ("two", str(Decimal(rows[1]["BilledCost"]).normalize()))
    ]


def anthropic_page(**changes):
    result = {"uncached_input_tokens": 10, "output_tokens": 5, "model": "claude-sonnet-4-5", **changes}
    return {"data": [{"starting_at": "31/3/26", "ending_at": "2026-04-01T00:00:00Z", "results": [result]}]}


def openai_page(**changes):
    result = {"num_model_requests": 1, "input_tokens": 10, "output_tokens": 5, "model": "gpt-4o", **changes}
    return {"data": [{"start_time": "soon", "end_time": 1774915200, "results": [result]}]}


@pytest.mark.parametrize(
    ("page", "columns"),
    [
        (anthropic_page(output_tokens=-5, service_tier="priority"), ["output_tokens", "service_tier", "starting_at"]),
        (openai_page(input_tokens=1.5, input_cached_tokens="x"), ["input_tokens", "input_cached_tokens", "start_time"]),
        (openai_page(input_cached_tokens=20), ["input_cached_tokens"]),
        ({"data": [{"starting_at": "soon", "results": [{"amount": None}]}]}, ["amount", "starting_at", "ending_at"]),
    ],
)
def test_every_cell_that_is_wrong_in_a_result_of_an_api_is_told_once(here, page, columns):
    (here / "page.json").write_text(json.dumps(page))
    with pytest.raises(InputError) as caught:
        load("page.json")
    (words,) = [line for line in caught.value.problems if "row 1" in line]
    assert re.findall(r"column '(\w+)'", words) == columns
