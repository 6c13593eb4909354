import json
import re
import shutil

import nbformat
import pandas as pd
import pytest
from pypdf import PdfReader

from aiecon import resources
from aiecon.errors import InputError, ReportError
from aiecon.report import run


@pytest.fixture(scope="module")
def own_run(tmp_path_factory):
    """The pack on a user's own bill: a quarter of made-up charges that share no name with the sample company."""
    folder = tmp_path_factory.mktemp("own")
    dates = pd.date_range("2026-01-01", "2026-04-30")
    charges = pd.DataFrame(
        {
            "BilledCost": [70.0 if day.day_of_week < 5 else 20.0 for day in dates],
            "BillingCurrency": "EUR",
            "ChargePeriodStart": dates,
            "ChargePeriodEnd": dates + pd.Timedelta(days=1),
            "ServiceName": "Own service",
        }
    )
    charges.to_parquet(folder / "my_focus.parquet")
    request = run.Request(changes={"spend": str(folder / "my_focus.parquet")}, out=str(folder / "reports"))
    return run.pack("quarterly", request)


@pytest.fixture
def written(sample_run):
    """Writes the forecast's report of the notebook that the sample's pack has executed: no kernel is started."""

    def executed(question, changes, request, layout, staging, tell):
        notebook = shutil.copy(sample_run / "notebooks" / f"{question.notebook}.ipynb", staging / "notebooks")
        return nbformat.read(notebook, as_version=4)

    def report(request):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run, "_execute", executed)
            return run.report("spend_forecast", request)

    return report


def results(folder):
    return json.loads((folder / "results.json").read_text())


def text(folder):
    return "\n".join(page.extract_text() for page in PdfReader(folder / "report.pdf").pages)


def test_a_run_lands_in_a_folder_named_after_pack_and_day(sample_run):
    assert sample_run.name == "quarterly-2026-03-31"
    assert {file.name for file in sample_run.iterdir()} == {
        "report.html",
        "report.pdf",
        "results.json",
        "manifest.json",
        "notebooks",
    }


@pytest.mark.long
def test_the_same_run_twice_gives_the_same_bytes(tmp_path):
    """Of one page; test_wheel.py holds a whole pack against another."""
    folders = [str(tmp_path / name) for name in ("a", "b")]
    once, again = (run.report("tiering", run.Request(out=folder, profile="fast")) for folder in folders)
    for name in ("results.json", "report.pdf", "report.html"):
        assert (again / name).read_bytes() == (once / name).read_bytes(), name


def test_figures_in_pdf_and_html_are_those_of_the_results(sample_run):
    summary = results(sample_run)["spend_forecast"]["summary"]
    headline = f"{summary['total_p50'] / 1e3:.0f} thousand USD"
    html = (sample_run / "report.html").read_text()
    assert headline in text(sample_run)
    assert headline in html
    assert f"{summary['breach_probability'] * 100:.0f}\N{NO-BREAK SPACE}%" in html


def test_the_html_asks_nothing_of_a_network(sample_run):
    html = (sample_run / "report.html").read_text()
    without_scripts = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r'(src|href)="(https?:)?//', without_scripts)
    assert "url(http" not in html
    assert '<link rel="stylesheet"' not in html
    assert "vegaEmbed" in html


def test_the_sample_says_that_it_is_synthetic_on_paper_and_screen(sample_run):
    assert "Synthetic data" in text(sample_run)
    assert "Synthetic data" in (sample_run / "report.html").read_text()


def test_the_manifest_names_inputs_assumptions_versions_and_outputs(sample_run):
    manifest = json.loads((sample_run / "manifest.json").read_text())
    assert {item["path"] for item in manifest["inputs"]} == {
        "sample:spend.parquet",
        "sample:gateway.parquet",
        "sample:invoices.csv",
        "sample:outcomes.csv",
        "sample:budget.csv",
        "sample:last_forecast.json",
        "sample:actuals.csv",
        "shipped:prices/token_prices.csv",
    }
    assert all(re.fullmatch(r"[0-9a-f]{64}", item["sha256"]) for item in manifest["inputs"])
    names = [row["name"] for row in manifest["assumption_rows"]]
    assert [name for name in names if not name.startswith(("policy.", "day_", "hour_"))] == [
        "outlier_multiple",
        "outlier_volume",
        "outlier_guard",
        "alarm_score",
        "gateway_tolerance",
        "invoice_tolerance",
        "act_below",
        "watch_below",
        "back_test_origins",
        "forecast_error_gate",
        "price_decline_per_year",
        "volume_multiple",
        "short_to_long_cost",
    ]
    assert {"policy.incidents.per_year", "day_spread", "hour_spread"} <= set(names)
    assert manifest["seed"] == {"spend_review": 0, "spend_forecast": 0, "adaptive_budget": 0}
    assert manifest["versions"]["prophet"]
    assert set(manifest["outputs"]) == {"report.html", "report.pdf", "results.json"}


def test_nothing_of_the_sample_company_appears_on_own_data(own_run):
    teams = pd.read_csv(resources.path("data/sample/workloads.csv"))
    words = {*teams["team"], *teams["product"], *teams["model"], "sample:", "Synthetic data", "Sample company"}
    places = [text(own_run), (own_run / "results.json").read_text(), (own_run / "manifest.json").read_text()]
    html = re.sub(
        r"<script>.*?</script>|<style>.*?</style>", "", (own_run / "report.html").read_text(), flags=re.DOTALL
    )
    notebooks = [
        (own_run / "notebooks" / f"{name}.ipynb").read_text().replace("empty: the sample company", "")
        for name in ("spend_review", "quarterly_forecast")
    ]
    for place in (*places, html, *notebooks):
        assert not [word for word in words if word in place]


def test_a_page_that_none_of_the_users_data_reaches_is_left_out(own_run, sample_run):
    assert set(results(own_run)) == {"spend_review", "spend_forecast"}
    assert set(results(sample_run)) == {"spend_review", "spend_forecast", "adaptive_budget"}
    names = sorted(path.name for path in (own_run / "notebooks").iterdir())
    assert names == ["quarterly_forecast.ipynb", "spend_review.ipynb"]


def test_a_change_of_a_page_without_data_is_refused(tmp_path):
    changes = {"spend": "bill.csv", "adaptive_budget.horizon_months": 6}
    with pytest.raises(InputError, match="nothing of yours feeds adaptive_budget; give actuals or file too"):
        run.pack("quarterly", run.Request(changes=changes, out=str(tmp_path / "out")))


def test_own_data_brings_its_currency_and_day(own_run):
    found = results(own_run)["spend_forecast"]
    assert own_run.name == "quarterly-2026-04-30"
    assert found["units"]["total_p50"] == "EUR"
    assert found["summary"]["budget"] is None
    assert "No budget to compare" in text(own_run)


def test_one_spend_reaches_both_pages_and_the_sample_outcomes_stay_out(own_run):
    found = results(own_run)
    assert set(found) == {"spend_review", "spend_forecast"}
    assert found["spend_review"]["inputs"]["spend"] == found["spend_forecast"]["inputs"]["spend"]
    assert found["spend_review"]["inputs"]["outcomes"] is None
    review = found["spend_review"]
    assert review["summary"]["billed_cost"] == pytest.approx(70 * 64 + 20 * 26)
    assert review["summary"]["roi"] is None
    assert review["units"]["billed_cost"] == "EUR"
    assert "Q1 2026 cost 5.00 thousand EUR" in text(own_run)
    assert "No charge says x_Team" in text(own_run)


def test_the_review_is_the_first_page(sample_run):
    first = PdfReader(sample_run / "report.pdf").pages[0].extract_text()
    assert "What did AI cost" in first
    assert "2.7\N{NO-BREAK SPACE}% more than Q4 2025" in first


def test_a_page_that_own_data_does_not_feed_is_left_out(monkeypatch):
    asked = {}
    monkeypatch.setattr(
        run, "_run", lambda label, questions, *rest: asked.update(names=[one.name for one in questions])
    )
    for changes, names in (
        ({"spend_forecast.file": "mine.csv"}, ["spend_forecast"]),
        ({"spend_review.spend": "mine.parquet"}, ["spend_review"]),
        ({"spend": "mine.parquet"}, ["spend_review", "spend_forecast"]),
        ({"spend_forecast.budget": 3}, ["spend_review", "spend_forecast", "adaptive_budget"]),
    ):
        run.pack("quarterly", run.Request(changes=changes))
        assert asked["names"] == names


def test_every_picture_on_paper_has_words(sample_run):
    pdf = PdfReader(sample_run / "report.pdf")
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert 4 <= len(pdf.pages) <= 14


def test_executed_notebooks_hold_no_path_of_the_machine(sample_run):
    notebook = (sample_run / "notebooks" / "quarterly_forecast.ipynb").read_text()
    assert str(sample_run.parent) not in notebook
    assert str(resources.path("notebooks")) not in notebook


def test_what_can_be_checked_is_checked_before_a_kernel_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_execute", lambda *args: pytest.fail("a kernel was started"))
    request = run.Request(
        changes={"horizon": 3, "spend_forecast.budgt": 1, "spend_forecast.horizon": "long"},
        params={"foo": 1, "paper": "a3", "seed": 2},
        formats=("xlsx", "doc"),
        out=str(tmp_path / "reports"),
    )
    with pytest.raises(InputError) as error:
        run.pack("quarterly", request)
    said = "\n".join(error.value.problems)
    for part in ("horizon is not a name in this pack", "budgt is not a field; did you mean budget?", "--param foo"):
        assert part in said
    for part in ("horizon must be an integer", "--param paper must be a4 or letter", "--formats xlsx is not built yet"):
        assert part in said
    assert not (tmp_path / "reports").exists()


def test_a_failed_run_leaves_the_previous_report_whole(tmp_path, monkeypatch, written):
    folder = written(run.Request(out=str(tmp_path), profile="fast", formats=("pdf",)))
    before = (folder / "report.pdf").read_bytes()
    broken = tmp_path / "shipped" / "notebooks"
    broken.mkdir(parents=True)
    notebook = nbformat.read(resources.path("notebooks/quarterly_forecast.ipynb"), as_version=4)
    notebook.cells[5].source = "1 / 0"
    nbformat.write(notebook, broken / "quarterly_forecast.ipynb")
    shipped = resources.path
    monkeypatch.setattr(
        resources, "path", lambda name: broken.parent / name if name.startswith("notebooks") else shipped(name)
    )
    with pytest.raises(ReportError, match=r"quarterly_forecast: cell \d+ \(1 / 0\) failed with ZeroDivisionError"):
        run.report("spend_forecast", run.Request(out=str(tmp_path), profile="fast", formats=("pdf",)))
    assert (folder / "report.pdf").read_bytes() == before
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_what_no_report_wrote_is_not_replaced(tmp_path, written):
    request = run.Request(out=str(tmp_path), profile="fast", formats=("pdf",))
    folder = written(request)
    (folder / "my notes.txt").write_text("keep me")
    with pytest.raises(InputError, match=r"holds my notes.txt, which no report writes; move it or choose"):
        written(request)
    assert (folder / "my notes.txt").read_text() == "keep me"
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_bad_data_found_in_the_kernel_keeps_its_words_and_leaves_nothing(tmp_path):
    (tmp_path / "bill.csv").write_text("BilledCost,ChargePeriodStart,ChargePeriodEnd\nx,2026-01-01,2026-01-02\n")
    request = run.Request(changes={"spend": str(tmp_path / "bill.csv")}, out=str(tmp_path / "reports"))
    with pytest.raises(InputError) as error:
        run.pack("quarterly", request)
    assert [problem.split(": ", 1)[1] for problem in error.value.problems] == [
        "column 'BillingCurrency' is missing; add it",
        "column 'BilledCost': row 2 has 'x', a plain number such as 12.50 is expected",
    ]
    assert not (tmp_path / "reports").exists()


def test_letter_paper_and_a_confidentiality_line(tmp_path):
    request = run.Request(
        params={"paper": "letter", "confidentiality": "Board only"}, out=str(tmp_path), profile="fast", formats=("pdf",)
    )
    page = PdfReader(run.report("cost_curve", request) / "report.pdf").pages[0]
    assert (float(page.mediabox.width), float(page.mediabox.height)) == (612, 792)
    assert "Board only" in page.extract_text()


def test_a_pack_file_has_a_table_per_question(tmp_path):
    inputs = tmp_path / "pack.toml"
    inputs.write_text('budget = 1000\n[spend_forecast]\nfile = "history.csv"\nhorizon = 7\n[seats]\nx = 1\n')
    rows = "\n".join(f"{day:%Y-%m-%d},10" for day in pd.date_range("2026-01-01", periods=60))
    (tmp_path / "history.csv").write_text("date,value\n" + rows)
    folder = run.pack("quarterly", run.Request(inputs=str(inputs), out=str(tmp_path / "out"), formats=("pdf",)))
    assert list(results(folder)) == ["spend_forecast"]  # no charges are given that could be reviewed
    found = results(folder)["spend_forecast"]
    assert found["summary"]["total_p50"] == pytest.approx(70)
    assert found["summary"]["budget"] == 1000


def test_names_are_text_on_paper_and_screen_whatever_they_hold(tmp_path):
    dates = pd.date_range("2025-07-01", "2026-03-31")
    names = ["<b>x</b></script><script>alert(1)</script>", '#strong[a] $x$ "q" \\', "Zürich 日本"]
    parts = [
        pd.DataFrame(
            {
                "BilledCost": 5.0 + place,
                "BillingCurrency": "USD",
                "ChargePeriodStart": dates,
                "ChargePeriodEnd": dates + pd.Timedelta(days=1),
                "x_Team": name,
            }
        )
        for place, name in enumerate(names)
    ]
    pd.concat(parts).to_csv(tmp_path / "a b;#1.csv", sep=";", index=False)
    request = run.Request(changes={"spend": str(tmp_path / "a b;#1.csv")}, out=str(tmp_path / "out"), profile="fast")
    folder = run.pack("quarterly", request)
    assert '#strong[a] $x$ "q" \\' in text(folder)
    assert "Zürich ??" in text(folder)
    assert "Characters that the report's font lacks" in text(folder)
    html = (folder / "report.html").read_text()
    assert "alert(1)</script>" not in html
    assert "Zürich 日本" in html
