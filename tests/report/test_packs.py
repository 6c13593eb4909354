"""The packs: pages cut to their length, one figure everywhere, every assumption in one place."""

import copy
import json
import re

import pytest
from pypdf import PdfReader

from aiecon import catalog
from aiecon.errors import InputError
from aiecon.models.tiering import TieringInputs
from aiecon.report import asking, blocks, run
from aiecon.report.move import Move
from aiecon.report.packs import borrowed, cfo, economics, gates, moves, past, priced, quarter, register, risks
from aiecon.report.packs.agreement import day_of, disagreements
from aiecon.report.packs.agreement import figure as base_of
from aiecon.report.packs.old_prices import old_prices

MAY_BE_LEFT_OUT = [name for name in catalog.PACKS["cfo"] if not catalog.is_built(name)]


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
    plain = paper.replace("\N{ZERO WIDTH SPACE}", "")  # where a long name may be broken
    assert "incidents.size" in plain
    for question in catalog.QUESTIONS:
        for name in question.details:
            assert f"{question.name}: {name}" not in plain
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
        "business_case.phases.scale.costs.Running it in production.amount is 105,162 and "
        "cost_curve.production_cost_per_month says 120,000; set one of them"
    ]
    changed["business_case"]["inputs"]["phases"][2]["costs"][0]["same_as"] = "cost_curve.cost"
    assert "which is no figure of cost_curve" in disagreements(changed)[0]
    del changed["cost_curve"]
    assert disagreements(changed) == []


def test_pages_that_do_not_agree_leave_no_pack(tmp_path, monkeypatch):
    monkeypatch.setitem(catalog.PACKS, "cfo", ("business_case", "self_host"))
    request = run.Request(
        changes={"self_host.discount_rate": 0.3}, out=str(tmp_path / "out"), profile="fast", formats=("pdf",)
    )
    with pytest.raises(InputError, match=r"discount_rate is 0.09 for business_case, 0.3 for self_host"):
        run.pack("cfo", request)
    assert not (tmp_path / "out").exists()


def test_a_company_has_one_discount_rate(results):
    changed = copy.deepcopy(results)
    changed["cost_curve"]["inputs"]["discount_rate"] = 0.3
    said = disagreements(changed)
    assert len(said) == 1
    assert "0.3 for cost_curve" in said[0]
    assert said[0].endswith("set it alike with QUESTION.discount_rate")


def test_each_move_is_what_its_page_decides_with_the_same_figure(cfo_run, results, paper):
    table = (cfo_run / "report.html").read_text().split("<h3>Moves</h3>")[1].split("</section>")[0]
    rows = table.replace("\N{NO-BREAK SPACE}", " ").split("<tr")
    routed = next(row for row in rows if "1. Let every request enter at economy" in row)
    assert f"{results['tiering']['summary']['best_saving_per_month']:,.0f} USD" in routed
    signed = results["seats"]["summary"]["sign_by_plan"]
    seats = next(row for row in rows if "Sign for" in row)
    for plan, count in signed.items():
        assert f"{count} {plan}" in seats
    assert f"over {results['seats']['inputs']['future']['horizon_months']} months" in seats
    test = next(row for row in rows if "Test gpt-4.1-mini" in row)
    assert "only once shown: its answers do" in test
    assert "(25,827 USD)" in test
    levers = next(row for row in rows if "New use case" in row)
    assert "14,370 USD, in the curve already" in levers
    assert "40,000 USD once" in levers
    assert "1. Let every request enter at economy" in paper[1]


def test_the_moves_say_what_the_case_has_of_levers_too_soon(results):
    note = moves.table(moves.moves(results, {})).content["note"]
    assert "runs production at 105,162 USD from its first month, though without levers it costs 119,532" in note
    assert "the last starts in month 6: that flatters it by at most 71,850, and the effort left out by 40,000" in note


def test_without_pages_there_are_no_moves():
    assert moves.moves({}, {}) == []
    assert moves.table([]).kind == "nothing"


def move(what, saved, **more):
    return Move(what, "sure", "none", "lead", **{"saved": saved, "currency": "EUR"} | more)


ROUTE = move("Route", 8_000.0, of_tokens=0.4, is_routing=True)
RESERVE = move("Reserve", 5_000.0, of_tokens=0.25)
HOST = move("Host", 50_000.0, of_tokens=0.25)
SEATS = move("Seats", 500.0)


def test_moves_are_added_up_with_what_they_share_counted_once():
    found = [ROUTE, SEATS, RESERVE, HOST]
    assert moves.together(found) == (8_000 + 500 + 0.6 * 50_000, 8_000 + 500 + 5_000 + 50_000)
    last = moves.table(found).content["rows"][-1]
    assert (last[0], last[-1]) == ("Together", "38,500 to 63,500 EUR")
    assert "the smaller figure if all act on the same tokens" in moves.table(found).content["note"]
    assert moves.together([move("Route", None, said="40 % of its cost"), SEATS]) is None
    assert moves.together([ROUTE, move("Seats", 500.0, currency="USD")]) is None
    assert moves.together([move("Stay", 0.0)]) is None


def test_no_overlap_is_claimed_only_where_one_move_at_most_acts_on_tokens():
    assert "so none is counted twice" in moves.table([ROUTE, SEATS]).content["note"]
    assert "so none is counted twice" not in moves.table([ROUTE, RESERVE]).content["note"]


def test_what_must_be_shown_first_is_added_to_nothing():
    later = move("Test", 9_000.0, of_tokens=0.5, condition="its answers do")
    assert moves.together([ROUTE, later]) == moves.together([ROUTE])
    row = moves.table([ROUTE, later]).content["rows"][1]
    assert row[0] == "2. Test, only once shown: its answers do"
    assert row[-1] == "(9,000 EUR)"


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


def test_a_misspelt_field_is_told_with_its_question(tmp_path, monkeypatch):
    monkeypatch.setitem(catalog.PACKS, "cfo", ("business_case", "cost_curve"))
    changes = {"cost_curve.produciton_users": 20_000}
    with pytest.raises(
        InputError, match=r"^cost_curve\.produciton_users is not a field; did you mean production_users"
    ):
        run.pack("cfo", run.Request(out=str(tmp_path / "out"), changes=changes, profile="fast"))


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


def changed(results, question, **figures):
    found = copy.deepcopy(results)
    found[question]["summary"] |= figures
    return disagreements(found)


def test_a_borrowed_figure_and_its_range_are_those_of_the_other_page_exactly(results):
    own = results["cost_curve"]["summary"]
    (scale,) = [phase for phase in results["business_case"]["inputs"]["phases"] if phase["name"] == "scale"]
    amount = scale["costs"][0]["amount"]
    assert amount["value"] == own["production_cost_per_month"]
    assert (amount["p10"], amount["p90"]) == (own["production_p10"], own["production_p90"])
    assert len(changed(results, "cost_curve", production_cost_per_month=own["production_cost_per_month"] + 1)) == 1
    (line,) = changed(results, "cost_curve", production_p90=own["production_p90"] * 1.001)
    assert "(p10 to p90); set one of them" in line


def test_every_gate_of_the_case_is_on_paper_with_limit_evidence_and_verdict(results, paper):
    rows = gates.notes(results)["business_case"].content["rows"]
    phases = results["business_case"]["inputs"]["phases"]
    assert [row[:2] for row in rows] == [[phase["name"], gate["name"]] for phase in phases for gate in phase["gates"]]
    assert rows[0] == [
        "exploration",
        "value seen",
        "share of pilot users who come back weekly, at least 0.5",
        "0.64",
        "passed",
    ]
    assert [row[3:] for row in rows[-3:]] == [["none", "held"]] * 3
    for row in rows:
        assert " ".join(row[1:]) in paper[0]


def with_gates(results, verdict="failed", **papers):
    """The sample where the gate before launch says otherwise, and the gate of the case about it is as given."""
    found = copy.deepcopy(results)
    curve, case = found["cost_curve"], found["business_case"]
    passed = curve["summary"]["pre_launch_passed"] - 1
    curve["summary"] |= {"pre_launch_verdict": verdict, "pre_launch_passed": passed}
    curve["notes"] |= {"pre_launch_verdict": "Cost of a user: too dear"}
    (foundation,) = [phase for phase in case["inputs"]["phases"] if phase["name"] == "foundation"]
    (gate,) = [gate for gate in foundation["gates"] if gate["name"] == "pre-launch papers"]
    gate |= papers
    return found


def test_evidence_that_the_page_it_is_from_contradicts_stops_the_pack(results):
    passed = results["cost_curve"]["summary"]["pre_launch_passed"]
    name = "business_case.phases.foundation.gates.pre-launch papers"
    assert disagreements(with_gates(results)) == [
        f"{name}.evidence is {passed} and cost_curve.pre_launch_passed says {passed - 1} (Cost of a user: too dear); "
        "set one of them"
    ]
    assert disagreements(with_gates(results, evidence=passed - 1.0)) == []
    assert disagreements(with_gates(results, evidence=None)) == []
    found = disagreements(with_gates(results, evidence_from="cost_curve.pre_launch_verdict"))
    assert "which is no figure of cost_curve" in found[0]


def test_a_launch_that_failed_is_told_by_the_case_too(results):
    (line,) = disagreements(with_gates(results, evidence_from=None))
    assert 'give one, of the ask or of the phase asked for, evidence_from = "cost_curve.pre_launch_passed"' in line
    held = with_gates(results, "held", evidence_from=None)
    (line,) = disagreements(held)
    assert line.startswith(
        "cost_curve.pre_launch_verdict is held (Cost of a user: too dear) and no gate of business_case"
    )
    row = gates.notes(held)["business_case"].content["rows"][-1]
    assert row[:3] == ["launch", "papers before launch", "Cost of a user: too dear"]
    assert row[-1] == "held"


@pytest.mark.parametrize("verdict", ["held", "failed"])
def test_a_gate_about_the_papers_may_not_pass_with_fewer_than_the_curve_asks_for(results, verdict):
    passed = results["cost_curve"]["summary"]["pre_launch_passed"] - 1
    (line,) = disagreements(with_gates(results, verdict, evidence=float(passed), at_least=5))
    assert line.startswith("business_case.phases.foundation.gates.pre-launch papers: it passes with 7 where at least 5")
    assert line.endswith(f"cost_curve.pre_launch_verdict is {verdict} (Cost of a user: too dear); ask for every paper")


def test_a_gate_about_the_papers_of_a_later_phase_stops_no_money_of_now(results):
    passed = results["cost_curve"]["summary"]["pre_launch_passed"] - 1
    found = with_gates(results, evidence=float(passed))
    assert disagreements(found) == []
    _, foundation, scale = found["business_case"]["inputs"]["phases"]
    (gate,) = [gate for gate in foundation["gates"] if gate["name"] == "pre-launch papers"]
    foundation["gates"].remove(gate)
    scale["gates"].append(gate)
    (line,) = disagreements(found)
    assert "no gate of business_case that counts now has it as its evidence" in line
    found["business_case"]["summary"]["gate_verdict"] = "held"  # it is not funded anyway
    assert disagreements(found) == []


def test_a_phase_without_a_gate_stands_among_the_gates_of_the_pack(results):
    found = copy.deepcopy(results)
    for phase in found["business_case"]["inputs"]["phases"]:
        phase["gates"] = []
    rows = gates.notes(found)["business_case"].content["rows"]
    missing = [[name, "none", "nothing is asked of it", "none", "held"] for name in ("exploration", "foundation")]
    assert rows[-2:] == missing


def test_the_same_months_on_two_pages_are_bridged_to_the_unit(results):
    found = quarter.of(results)
    rows = quarter.bridge(found).content["rows"]
    assert [rows[0][1], rows[-1][1]] == [
        f"{results[name]['summary']['total_p50']:,.0f}" for name in ("spend_forecast", "adaptive_budget")
    ]
    assert set(found.known) == {
        "New gateway contract",
        "Prompt caching in the support assistant",
        "Contract review for the legal team",
    }
    way = found.forecast["total_p50"] - sum(found.known.values()) + found.by_pools
    assert way == pytest.approx(found.budgets["total_p50"], abs=len(found.known) + 1)
    printed = [int(row[1].replace(",", "").replace("\N{MINUS SIGN}", "-")) for row in rows]
    assert sum(printed[:-1]) == printed[-1]
    assert set(quarter.notes(results)) == {"spend_forecast", "adaptive_budget"}


@pytest.mark.parametrize(
    ("question", "figures", "words"),
    [
        ("spend_forecast", {"landing_p50": 9e9}, "must rise"),
        ("spend_forecast", {"landing_p90": 6e5}, "its table says"),
        ("spend_forecast", {"budget": 400_000.0}, "its table says"),
        ("spend_forecast", {"breach_probability": 0.1}, "its table says"),
        ("adaptive_budget", {"breach_probability": 0.0}, "they contradict each other"),
        ("adaptive_budget", {"budget": 900_000.0}, "its table says"),
        ("adaptive_budget", {"total_p50": 900_000.0}, "outside the 80 % range of spend_forecast"),
    ],
)
def test_an_unexplained_difference_of_the_same_months_stops_the_pack(results, question, figures, words):
    assert any(words in line for line in changed(results, question, **figures))


def test_pages_about_other_months_are_not_compared(results):
    other = copy.deepcopy(results)
    other["adaptive_budget"]["table"] = [row for row in other["adaptive_budget"]["table"] if row["month"] == "2026-04"]
    assert quarter.of(other) is None
    assert quarter.problems(other) == []
    assert quarter.notes(other) == {}
    part = copy.deepcopy(results)
    part["spend_forecast"]["inputs"]["where"] = {"x_Team": "search"}
    assert quarter.of(part) is None


def test_a_bill_of_a_part_of_the_spend_says_so(paper):
    assert any("This bill is of the use and tiers simulated here alone" in page for page in paper)


def test_the_pack_has_one_day_for_its_stamp_its_folder_and_the_ages(cfo_run, paper, results):
    day = day_of(results)
    assert cfo_run.name == f"cfo-{day}"
    assert all(f"As of {day}" in page for page in paper)
    assert f"Age: months before {day}" in register.register(results, as_of=day).content["note"]


def test_a_day_asked_for_that_has_gone_and_a_price_read_later_are_told(cfo_run, paper, results):
    day = day_of(results)
    gone = f"(past: this is as of {day})"  # the budgets' review of April
    assert gone in " ".join(paper)
    decisions = re.findall(r'<section class="decision">.*?</section>', (cfo_run / "report.html").read_text(), re.DOTALL)
    assert sum(gone in one for one in decisions) == sum(
        page.count(gone) for page in paper if "What each page says" not in page
    )
    assert any(gone in one for one in decisions)
    assert results["business_case"]["inputs"]["decide_by"] > day
    assert past.told("2026-02-31", day) == "2026-02-31"
    found = register.register(results, as_of=day).content
    assert {row[3] for row in found["rows"]} >= {"later"}
    assert "Later: read or agreed after that day" in found["note"]
    assert f"were read after {day}, the day of the pack" in priced.table(results).content["note"]


def test_no_source_in_the_register_is_a_code(results):
    rows = register.register(results, as_of="2026-06-06").content["rows"]
    assert [row[5] for row in rows if re.search(r"S\d-\d\d", row[5])] == []


def test_the_case_is_on_paper_with_scenarios_what_moves_it_and_units(paper, results):
    (case,) = [page for page in paper if page.startswith("AI spend, CFO pack Confidential The case in numbers")]
    for words in ("Unit economics", "Users from which it pays 6,908", "Scenarios", "stress", "moves the worth most"):
        assert words in case
    assert economics.unit_economics({}).kind == "nothing"


def test_risks_have_likelihood_impact_action_and_owner_the_likeliest_first(results):
    decision = {"what": "Do this. And that.", "who": "somebody"}
    rows = risks.table(results, dict.fromkeys(results, decision)).content["rows"]
    assert len(rows) == len(set(results) - {"provisioned"})
    assert {(row[3], row[4]) for row in rows} == {("Do this", "somebody")}
    summary = results["spend_forecast"]["summary"]
    (budget,) = [row for row in rows if row[0] == "The approved budget is passed"]
    assert budget[2] == f"{summary['total_p90'] - summary['budget']:,.0f} USD"
    chances = [int(row[1].split()[0]) for row in rows if row[1][0].isdigit()]
    assert chances == sorted(chances, reverse=True)
    assert risks.table({}, {}).kind == "nothing"


def test_what_was_set_by_hand_stands_in_the_register_without_grade_and_source_of_before(results):
    changed = dict(results)
    changes = {
        "business_case": {"discount_rate": 0.1, "phases.foundation.investment": 300_000, "benefit_multiple": 0.9},
        "cost_curve": {"components.Tokens.cost_per_month": 9_000},
        "variability": {"scale.users_start": 1_000},
    }
    for name, change in changes.items():
        changed[name] = asking.result(name, asking.ask(name, changes=change, profile="fast"))
    content = register.register(changed, as_of="2026-06-06").content
    rows = {row[0]: row for row in content["rows"]}
    assert len(rows) == len(content["rows"])
    for name, source in (
        ("business_case: discount_rate", "set by hand"),
        ("business_case: benefit_multiple", "set by hand"),
        ("business_case: foundation", "set by hand: investment (its range 150,000 to 400,000 is gone)"),
        ("cost_curve: Tokens", "set by hand: cost_per_month (its range 5,200 to 8,000 is gone)"),
        ("variability: scale.users_start", "set by hand"),
    ):
        assert (rows[name][2], rows[name][3], rows[name][5]) == ("not graded", "–", source), name
    assert rows["business_case: discount_rate"][1] == "0.1, in place of 0.09"


def test_the_register_has_every_figure_of_an_item_in_its_unit_and_the_whole_source(results):
    rows = {row[0]: row for row in register.register(results, as_of="2026-06-06").content["rows"]}
    tokens = rows["cost_curve: Tokens"]
    assert tokens[1] == "6,400 (5,200 to 8,000) USD a month; exponent 0.700 (0.620 to 0.767); known at 1,000 users"
    assert "0.566 to 0.767" in tokens[5]
    assert rows["cost_curve: Semantic cache"][1].endswith("effort 20,000 USD once; from month 4")
    assert rows["business_case: cost of not scaling"][1].startswith("90,000, 120,000, 155,000, 195,000 USD")
    assert "2.40 transactions a user and month" in rows["cost_curve: papers before launch"][1]
    assert "Without it: reopened claims stay at 6 %" in rows["business_case: Errors prevented"][5]
    delay = rows["business_case: approval.delay_months"]
    assert delay[1].startswith("9.00 (6.00 to 18.0)")
    assert base_of(results["business_case"]["inputs"]["approval"]["delay_months"]) == 9


RUNNING = "phases.scale.costs.Running it in production.amount"


def borrow(**changes):
    questions = [catalog.find(name) for name in ("business_case", "cost_curve")]
    options = {one.name: {"changes": changes.get(one.name, {}), "profile": "fast"} for one in questions}
    return borrowed.taken(questions, options)


def test_an_amount_that_is_another_pages_figure_follows_it_with_its_range():
    changes = {"components.Tokens.cost_per_month": 9_000}
    found, problems = borrow(cost_curve=changes)
    summary = {one.key: one.value for one in asking.ask("cost_curve", changes=changes, profile="fast").summary()}
    amount = found["business_case"][RUNNING]
    assert amount["value"] == summary["production_cost_per_month"] > 110_000
    assert (amount["p10"], amount["p90"]) == (summary["production_p10"], summary["production_p90"])
    assert problems == []
    assert borrowed.taken([catalog.find("business_case")], {"business_case": {"changes": {}}}) == ({}, [])


def test_evidence_of_the_sample_follows_the_page_it_is_from_and_evidence_that_was_set_does_not():
    name = 'phases.foundation.gates."pre-launch papers".evidence'
    assert not any("evidence" in one for one in borrow()[0]["business_case"])
    found, problems = borrow(cost_curve={"pre_launch.owner": "TBD"})
    assert (found["business_case"][name.replace('"', "")], problems) == (7.0, [])
    found, _ = borrow(cost_curve={"pre_launch.owner": "TBD"}, business_case={name: 8})
    assert not any("evidence" in one for one in found["business_case"])


def test_an_amount_the_user_set_is_his_and_one_that_differs_is_refused_with_the_line_that_mends_it():
    quoted = 'phases.scale.costs."Running it in production".amount'
    found, problems = borrow(business_case={quoted: 90_000})
    assert RUNNING not in found["business_case"]
    (line,) = problems
    assert "is 90,000 and cost_curve.production_cost_per_month, which it is said to be, says 105,162" in line
    pasted = line.partition("--set '")[2].partition("'")[0]
    name, _, value = pasted.removeprefix("business_case.").partition("=")
    found, problems = borrow(business_case={name: float(value)})
    assert problems == []
    assert found["business_case"][RUNNING] == pytest.approx(105_162, abs=0.5)


def test_an_amount_whose_figure_has_no_range_stays_as_uncertain_as_it_was():
    spread = {"shape": "pert", "low": 5.0, "mode": 10.0, "high": 20.0, "value": 10.0}
    wider = borrowed._amount(spread, "cost", {"cost": 30.0})
    assert wider == {"shape": "pert", "low": 15.0, "mode": 30.0, "high": 60.0, "value": 30.0}
    assert borrowed._amount(spread, "cost", {"cost": 30.0, "cost_p10": 30.0, "cost_p90": 30.0}) == 30.0


def test_amounts_that_differ_are_told_before_any_page_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_execute", None)  # nothing is run
    monkeypatch.setitem(catalog.PACKS, "cfo", ("business_case", "cost_curve"))
    changes = {f"business_case.{RUNNING}": 90_000}
    with pytest.raises(InputError, match="is 90,000 and cost_curve"):
        run.pack("cfo", run.Request(out=str(tmp_path / "out"), changes=changes, profile="fast"))
    assert not (tmp_path / "out").exists()


def test_a_move_that_saves_nothing_says_why_and_no_risk_of_the_sample_lacks_its_impact(results, cfo_run):
    stay = move("Stay", 0.0, said="nothing: hosting costs more")
    assert moves.table([stay]).content["rows"][0][-1] == "nothing: hosting costs more"
    table = (cfo_run / "report.html").read_text().split("<h3>Moves</h3>")[1].split("</section>")[0]
    assert "nothing: no unit is used often enough to pay" in table
    assert "nothing: hosting so costs" in table
    decision = {"what": "Do this.", "who": "somebody"}
    rows = risks.table(results, dict.fromkeys(results, decision)).content["rows"]
    assert "not stated" not in {row[2] for row in rows}


def test_everything_in_the_samples_register_is_graded_dated_owned_and_sourced(results):
    rows = register.register(results, as_of="2026-06-06").content["rows"]
    lacking = [row[0] for row in rows if {"not graded", "–", "nobody", "as given"} & set(row[2:])]
    assert lacking == []


def test_waiting_costs_of_two_sources_are_two_rows(results):
    found = copy.deepcopy(results)
    found["business_case"]["inputs"]["cost_of_not_scaling"][0]["source"] = "a study"
    rows = register.register(found, as_of="2026-06-06").content["rows"]
    names = [row[0] for row in rows if "cost of not scaling" in row[0]]
    assert names == [
        "business_case: cost of not scaling, quarter 1",
        "business_case: cost of not scaling, quarters 2, 3, 4",
    ]


def test_prices_terms_and_counts_of_the_inputs_say_who_says_them(results):
    rows = {row[0]: row for row in priced.table(results).content["rows"]}
    gpt = next(row for name, row in rows.items() if name.endswith(": gpt-5 at openai"))
    assert gpt[1] == "1.25 in, 0.125 cached, 10.0 out USD/Mtok"
    assert {"self_host", "tiering", "variability"} <= set(gpt[0].partition(":")[0].split(" and "))
    assert rows["provisioned: term month, year"][1:3] == ["260, 221 USD a unit and month", "judgement"]
    assert rows["seats: Copilot Business"][2:4] == ["published", "2026-06-01"]
    assert rows["tiering: success of economy, standard, premium"][1] == "150 of 250, 178 of 250, 195 of 250 tried"
    assert rows["variability: budget"][1:4] == ["777,000 USD", "judgement", "2026-03-31"]
    assert rows["variability: budget"][4].startswith("budget.csv (synthetic)")
    assert rows["tiering: requests per month"][1:4] == ["3,154,000 requests a month", "measured", "2026-03-31"]


def test_a_count_that_nobody_says_or_that_was_set_is_not_graded(results):
    found = copy.deepcopy({name: results[name] for name in ("variability", "tiering")})
    for field in ("grade", "source", "dated"):
        found["variability"]["inputs"][f"budget_{field}"] = None
    changes = {"requests_per_month": 1_000_000}
    found["tiering"] = asking.result("tiering", asking.ask("tiering", changes=changes, profile="fast"))
    rows = {row[0]: row for row in priced.table(found).content["rows"]}
    assert rows["variability: budget"][2:] == ["not graded", "–", "as given in the inputs"]
    assert rows["tiering: requests per month"][2:] == ["not graded", "–", "set by hand: requests_per_month"]


def test_a_price_that_no_shipped_row_says_is_as_given(results):
    found = copy.deepcopy({"seats": results["seats"], "provisioned": results["provisioned"]})
    found["seats"]["inputs"]["plans"][0]["price_per_seat_month"] = 17.0
    found["provisioned"]["inputs"]["terms"][2]["price_per_unit_month"] = 200.0
    rows = {row[0]: row for row in priced.table(found).content["rows"]}
    for name in ("seats: Copilot Business", "provisioned: term year"):
        assert rows[name][2:] == ["not graded", "–", "as given in the inputs"]
    assert priced.table({}).kind == "nothing"
