"""The packs: pages cut to their length, one figure everywhere, every assumption in one place."""

import copy
import json

import pytest
from pypdf import PdfReader

from aiecon import catalog
from aiecon.errors import InputError
from aiecon.models.tiering import TieringInputs
from aiecon.report import blocks, run
from aiecon.report.packs import cfo, moves, register
from aiecon.report.packs.agreement import disagreements
from aiecon.report.packs.old_prices import old_prices

MAY_BE_LEFT_OUT = [name for name in catalog.PACKS["cfo"] if not catalog.is_built(name)]


@pytest.fixture(scope="module")
def cfo_run(tmp_path_factory):
    request = run.Request(out=str(tmp_path_factory.mktemp("cfo")), profile="fast")
    return run.pack("cfo", request)


@pytest.fixture(scope="module")
def results(cfo_run):
    return json.loads((cfo_run / "results.json").read_text())


@pytest.fixture(scope="module")
def paper(cfo_run):
    return said(cfo_run)


def said(folder):
    pages = [page.extract_text() for page in PdfReader(folder / "report.pdf").pages]
    return [" ".join(page.replace("\N{NO-BREAK SPACE}", " ").split()) for page in pages]


def test_the_quarterly_pack_is_four_to_eight_pages_with_contents_and_one_register(sample_run):
    paper = said(sample_run)
    assert 4 <= len(paper) <= 8
    assert "Contents" in paper[0]
    for question in catalog.pages("quarterly"):
        assert question.question in paper[0]
    assert "Register of assumptions" in paper[-1]
    assert "aiecon report spend_review" in paper[-1]
    assert not any("Sources and assumptions" in page for page in paper)


def test_the_quarterly_pack_leaves_details_out_on_paper_alone(sample_run):
    paper, screen = " ".join(said(sample_run)), (sample_run / "report.html").read_text()
    for words in ("Billed by model, USD", "Volume apart from price", "Sources and assumptions"):
        assert words not in paper
        assert f"<h3>{words}</h3>" in screen
    assert "Months and quarters, USD" in paper
    assert "policy.incidents.size" in paper
    for question in catalog.QUESTIONS:
        for name in question.details:
            assert f"{question.name}: {name}" not in paper
            assert name in screen


def test_the_ask_comes_first_and_twenty_pages_are_enough(paper):
    assert len(paper) <= 20
    assert "Fund foundation with 275 thousand USD" in paper[0]
    assert "What the pages say together" in paper[1]
    assert "Signatures" in paper[-1]


def test_every_built_question_has_its_page_and_the_others_are_named(paper, results):
    built = [question.name for question in catalog.pages("cfo")]
    assert list(results) == sorted(built)
    for question in catalog.pages("cfo"):
        assert sum(question.question in page for page in paper) >= 1, question.name
    for name in MAY_BE_LEFT_OUT:
        assert name in paper[1].split("left out")[1]


def test_the_same_figure_is_the_same_on_every_page(paper, results):
    worth = f"{results['business_case']['summary']['npv'] / 1e3:.0f} thousand USD"
    assert worth in paper[0]
    assert "What each page says" in paper[2]
    assert worth in paper[2]
    assert disagreements(results) == []


def test_the_screen_has_the_whole_pages_and_those_made_of_them(cfo_run):
    html = (cfo_run / "report.html").read_text()
    for words in ("Moves", "Register of assumptions", "Scenarios", "Components and their sources"):
        assert f"<h3>{words}</h3>" in html


def test_the_register_holds_every_row_and_every_graded_figure(results):
    rows = register.register(results, as_of="2026-06-06").content["rows"]
    names = [row[0] for row in rows]
    fed = [row["name"] for result in results.values() for row in result["provenance"]["assumption_rows"]]
    for name in fed:
        assert any(one.endswith(f": {name}") for one in names), name
    for name in ("cost_curve: Tokens", "business_case: Hours saved on claims", "business_case: foundation"):
        assert name in names
    assert len(names) == len(set(names))
    grades = [row[2] for row in rows]
    assert grades.index("judgement") < grades.index("measured")


def test_a_borrowed_figure_that_differs_stops_the_pack(results):
    changed = copy.deepcopy(results)
    changed["cost_curve"]["summary"]["production_cost_per_month"] = 120_000.0
    assert disagreements(changed) == [
        "business_case.phases.scale.costs.Running it for 10,000 users.amount is 105,000 and "
        "cost_curve.production_cost_per_month says 120,000; set one of them"
    ]
    changed["business_case"]["inputs"]["phases"][2]["costs"][0]["same_as"] = "cost_curve.cost"
    assert "which is no figure of cost_curve" in disagreements(changed)[0]
    del changed["cost_curve"]
    assert disagreements(changed) == []


def test_pages_that_do_not_agree_leave_no_pack(tmp_path, monkeypatch):
    monkeypatch.setitem(catalog.PACKS, "cfo", ("business_case", "cost_curve"))
    request = run.Request(
        changes={"cost_curve.production_users": 20_000}, out=str(tmp_path / "out"), profile="fast", formats=("pdf",)
    )
    with pytest.raises(InputError, match=r"amount is 105,000 and cost_curve\.production_cost_per_month says"):
        run.pack("cfo", request)
    assert not (tmp_path / "out").exists()


def test_a_company_has_one_discount_rate(results):
    changed = copy.deepcopy(results)
    changed["cost_curve"]["inputs"]["discount_rate"] = 0.3
    said = disagreements(changed)
    assert len(said) == 1
    assert "0.3 for cost_curve" in said[0]
    assert said[0].endswith("set it alike with QUESTION.discount_rate")


def test_moves_read_what_is_there(results):
    found = {move.what: move for move in moves.moves(results)}
    new = next(move for what, move in found.items() if what.startswith("New use case"))
    assert new.saving == "14,370 USD"
    assert new.effort == "40,000 USD once"
    assert len(found) == sum(name in results for name in ("tiering", "cost_curve", "seats", "provisioned", "self_host"))
    assert moves.moves({}) == []
    assert moves.table({}).kind == "nothing"


SHARES = {"small": 0.8, "large": 0.2, "none": 0.0}
BUYING = {
    "tiering": {
        "summary": {
            "saving_share": 0.4,
            "cost_per_request": 0.6,
            "baseline_cost_per_request": 1.0,
            "saves_probability": 0.9,
        },
        "inputs": {
            "tiers": [{"name": name, "share": share} for name, share in SHARES.items()],
            "baseline": "large",
        },
        "units": {"cost_per_request": "EUR/request"},
    },
    "provisioned": {
        "summary": {
            "payg_cost_per_month": 20_000.0,
            "optimal_cost_per_month": 15_000.0,
            "optimal_units": 50,
            "best_term": "year",
            "saves_probability": 0.8,
        },
        "inputs": {},
        "units": {"payg_cost_per_month": "EUR/month"},
    },
    "self_host": {
        "summary": {
            "npv_savings": 9e5,
            "probability_self_host_cheaper": 0.7,
            "cost_per_mtok_api": 2.0,
            "cost_per_mtok_self_hosted": 1.5,
        },
        "inputs": {
            "workload": {"mtok_per_month": 1e5},
            "migration_cost": {"shape": "uniform", "low": 1e4, "high": 3e4},
        },
        "units": {"cost_per_mtok_api": "EUR/Mtok"},
    },
}


def test_moves_of_questions_that_save():
    tiering, provisioned, own = moves.moves(BUYING)
    assert (tiering.what, tiering.saving) == ("Route requests: 80 % small, 20 % large", "40 % of its cost")
    assert (provisioned.what, provisioned.saving) == ("Reserve 50 units, term year", "5,000 EUR")
    assert (own.saving, own.confidence, own.effort) == ("50,000 EUR", "saves with 70 %", "20,000 EUR once")


def test_moves_are_added_up_with_what_they_share_counted_once():
    known = copy.deepcopy(BUYING)
    known["tiering"]["summary"]["accepted_saving_per_month"] = 8_000.0
    known["seats"] = {
        "summary": {"all_api_cost": 3_000.0, "all_seats_cost": 2_500.0, "best_cost": 2_000.0, "seats": 4.0},
        "units": {"best_cost": "EUR/month"},
    }
    assert moves.together(moves.moves(known)) == (8_000 + 500 + 0.6 * 50_000, 8_000 + 500 + 5_000 + 50_000)
    last = moves.table(known).content["rows"][-1]
    assert (last[0], last[-1]) == ("Together", "38,500 to 63,500 EUR")
    assert moves.together(moves.moves(BUYING)) is None  # what routing saves is said as a share alone
    known["provisioned"]["inputs"] = {"contract": {"units": 60}}
    assert "Reservation: 50 units instead of the 60 held" in {move.what for move in moves.moves(known)}
    assert moves.together(moves.moves(known)) is None
    known["provisioned"]["inputs"] = {}
    known["seats"]["units"] = {"best_cost": "USD/month"}
    assert moves.together(moves.moves(known)) is None


def test_moves_of_questions_that_do_not():
    idle = copy.deepcopy(BUYING)
    idle["tiering"]["summary"]["saving_share"] = 0.0
    idle["provisioned"]["summary"]["optimal_units"] = 0
    idle["self_host"]["summary"]["npv_savings"] = -1.0
    assert [move.saving for move in moves.moves(idle)] == ["–"] * 3


def test_a_page_is_cut_to_one_of_each_and_its_table_says_so():
    rows = [[f"row {place}", str(place)] for place in range(12)] + [["All", "66"]]
    table = blocks.table("T", ["a", "b"], rows, bold=[12], note="Note.")
    page = [{"kind": "chart", "n": 1}, {"kind": "chart", "n": 2}, {"kind": table.kind, **table.content}]
    chart, cut = cfo.brief(page)
    assert chart["n"] == 1
    assert [row[0] for row in cut["rows"]] == [f"row {place}" for place in range(5)] + ["All"]
    assert cut["bold"] == [5]
    assert cut["note"] == "The first 5 of 12 rows. Note."


def test_the_pack_needs_its_first_page(monkeypatch):
    from aiecon.errors import NotBuiltError

    left = tuple(question for question in catalog.QUESTIONS if question.name != "business_case")
    bare = catalog.Question("business_case", "Should we fund the next phase?", "business_case")
    monkeypatch.setattr(catalog, "QUESTIONS", (*left, bare))
    with pytest.raises(NotBuiltError, match="its first page, business_case, is not there"):
        catalog.pages("cfo")


def test_a_price_that_nobody_has_seen_for_too_long_is_refused_in_a_pack():
    price = {"provider": "own", "model": "own", "input_per_mtok": 1.0, "output_per_mtok": 1.0}
    tiers = [
        {"name": "gpt-4.1", "share": 1.0, "price": {"cost_per_request": 1.0}, "price_seen": "2026-01-01"},
        {"name": "own", "share": 0.0, "price": {"cost_per_request": 1.0}},
    ]
    shape = {"input_tokens_per_request": 1.0, "output_tokens_per_request": 1.0}

    def inputs(as_of, limit, **more):
        given = {"tiers": tiers, "shape": shape, "as_of": as_of, "refused_after_days": limit} | more
        return TieringInputs.build({key: value for key, value in given.items() if value is not None})

    assert old_prices("tiering", inputs("2026-01-31", 30)) == []
    (line,) = old_prices("tiering", inputs("2026-02-01", 30))
    assert line.startswith('tiering.tiers."gpt-4.1".price: last seen on 2026-01-01, 31 days before 2026-02-01')
    assert old_prices("tiering", inputs("2028-02-01", None)) == []
    new = {"name": "new", "tier": "own", "price": price | {"effective_from": "2022-01-01"}}
    (line,) = old_prices("tiering", inputs("2026-01-31", 30, candidates=[new]))
    assert line.startswith("tiering.candidates.new.price: in force since 2022-01-01 and not seen since, 1491 days")


def test_an_old_price_leaves_no_pack_and_no_page_is_made_before_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_execute", None)  # nothing is run
    monkeypatch.setitem(catalog.PACKS, "cfo", ("tiering", "cost_curve"))
    changes = {"tiering.refused_after_days": 100}
    request = run.Request(
        out=str(tmp_path / "out"), as_of="2026-11-26", changes=changes, profile="fast", formats=("pdf",)
    )
    with pytest.raises(InputError, match=r"tiering\.tiers\.economy\.price: last seen on 2026-06-06, 173 days before"):
        run.pack("cfo", request)
    assert not (tmp_path / "out").exists()


def test_no_money_is_promised_against_a_spend_that_nobody_said_is_there():
    unknown = copy.deepcopy(BUYING)
    unknown["tiering"]["summary"] |= {"accepted_saving_per_month": 8_000.0, "saving_per_month": -3.0}
    assert moves.moves(unknown)[0].saving == "8,000 EUR"
    unknown["tiering"]["inputs"]["baseline"] = None
    assert moves.moves(unknown)[0].saving == "40 % of all on the dearest"


def test_what_routing_leaves_of_the_tokens_is_counted_at_as_many_accepted_answers():
    known = copy.deepcopy(BUYING)
    known["tiering"]["summary"] |= {"success_rate": 0.9, "baseline_success_rate": 0.6}
    assert moves.moves(known)[0].of_tokens == pytest.approx(1 - 0.6 * 0.6 / 0.9)


def test_a_mix_that_misses_what_is_asked_is_no_saving_among_the_moves():
    short = copy.deepcopy(BUYING)
    short["tiering"]["notes"] = {"saving_share": "misses what is asked: requests accepted 70 %, at least 80 % asked"}
    (move, *_) = moves.moves(short)
    assert (move.what, move.confidence, move.saving) == (
        "Choose another mix than that asked about",
        "misses what is asked",
        "–",
    )
