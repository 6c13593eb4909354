import json
import signal
import subprocess
import sys
import time

import pytest
from command_line import aiecon, process

from aiecon import __version__, resources

VERBS_TO_COME = ("trace",)


def test_questions_lists_ten_and_says_what_is_built():
    said = aiecon("questions")
    assert said.returncode == 0
    assert max(map(len, said.stdout.splitlines())) <= 80
    assert sum("built" in line for line in said.stdout.splitlines()) == 10
    assert "spend_forecast   built" in said.stdout


def test_python_runs_the_package():
    said = process("questions")
    assert (said.returncode, said.stdout, said.stderr) == (0, aiecon("questions").stdout, "")


def test_questions_imports_no_model():
    code = (
        "import sys\nfrom aiecon.cli import app\nfrom typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app, ['questions']).exit_code == 0\n"
        "names = {'pandas', 'numpy', 'scipy', 'altair', 'duckdb', 'statsmodels', 'prophet', 'papermill'}\n"
        "heavy = names & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_import_loads_nothing_heavy():
    names = ("numpy", "pandas", "numba", "scipy", "pydantic", "altair", "duckdb")
    code = f"import sys, aiecon; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ask_json_is_one_object_with_the_fields_of_the_contract():
    said = process("ask", "spend_forecast", "--json", "--set", "horizon=14", "--seed", "3")
    found = json.loads(said.stdout)
    assert said.stderr == ""
    assert list(found) == ["question", "summary", "notes", "units", "table", "tables", "inputs", "provenance"]
    assert found["inputs"]["horizon"] == 14
    assert found["provenance"]["seed"] == 3
    assert found["summary"]["total_p10"] <= found["summary"]["total_p50"] <= found["summary"]["total_p90"]


def test_prices_and_rows_behind_an_answer_are_in_its_json():
    found = json.loads(aiecon("ask", "self_host", "--json", "--set", "draws=100").stdout)["provenance"]
    (price,) = found["prices"]
    assert (price["field"], price["provider"], price["model"]) == ("api", "openai", "gpt-5")
    assert (price["effective_from"], price["last_seen"]) == ("2025-08-13", "2026-06-06")
    assert [row["input_tokens"] for row in found["rows"]] == [1_024, 8_192]
    own = aiecon("ask", "self_host", "--json", "--set", "draws=100", "--set", "api.input_per_mtok=1.3")
    assert json.loads(own.stdout)["provenance"]["prices"][0]["source"] == "as given"


def test_ask_fits_a_terminal_of_eighty_columns():
    said = aiecon("ask", "spend_forecast", "--set", "horizon=14")
    assert said.returncode == 0
    assert max(map(len, said.stdout.splitlines())) <= 80
    assert "Synthetic data" in said.stdout
    assert "no month that has a budget" in said.stdout


def test_escalations_are_a_line_each_on_a_terminal():
    said = aiecon("ask", "adaptive_budget")
    assert said.returncode == 0
    assert max(map(len, said.stdout.splitlines())) <= 80
    assert "  Data science, development, 2026-03, vice president" in said.stdout.splitlines()
    assert any(line.split()[-2:] == ["5", "escalations"] for line in said.stdout.splitlines())


def test_a_trace_of_ones_own_is_asked_at_the_prices_and_terms_of_the_example(tmp_path):
    rows = [f"2026-05-01T{minute // 60:02}:{minute % 60:02}:00,20000,500" for minute in range(600)]
    (tmp_path / "my_trace.csv").write_text("timestamp,input_tokens,output_tokens\n" + "\n".join(rows) + "\n")
    said = aiecon("ask", "provisioned", "--set", "demand.file=my_trace.csv", "--json", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["inputs"]["demand"]["file"] == "my_trace.csv"
    assert [term["name"] for term in found["inputs"]["terms"]] == ["hour", "month", "year"]
    assert found["summary"]["payg_cost_per_month"] == pytest.approx((20_000 * 1.25 + 500 * 10) / 1e6 * 43_800)
    assert found["provenance"]["as_of"] == "2026-05-01"
    fed = {row["name"] for row in found["provenance"]["assumption_rows"]}
    assert {"outlook.price_cut", "enough_days", "refused_share"} <= fed


@pytest.mark.parametrize(
    "change", ["demand.peak_requests_per_minute=400", "demand.tokens_per_minute=[5000, 90000]", "refused_share=0.1"]
)
def test_every_kind_of_demand_fits_a_terminal(change):
    said = aiecon("ask", "provisioned", "--set", change)
    assert said.returncode == 0, said.stderr
    assert max(map(len, said.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ask", "spend_forcast"), "did you mean spend_forecast?"),
        (("ask", "spend_forecast", "--set", "budgt=3"), "did you mean budget?"),
        (("ask", "spend_forecast", "--set", "budget"), "name=value is expected"),
        (("ask", "spend_forecast", "--inputs", "none.toml"), "none.toml: cannot be read"),
        (("ask", "spend_forecast", "--scenario", "x"), "scenario 'x' is not known"),
        (("ask", "spend_forecast", "--as-of", "1.4.2026"), "must be an ISO date"),
        (("ask", "spend_forecast", "--set", "spend=none.csv"), "none.csv: no such file"),
        (("ask", "spend_forecast", "--set", "file=a.csv", "--set", "spend=b.csv"), "only one of history, file, spend"),
        (("pack", "monthly"), "monthly is not a pack"),
        (("report", "spend_forecast", "--formats", "xlsx"), "xlsx is not built yet"),
        (("report", "spend_forecast", "--profile", "slow"), "slow"),
        *(((verb, "x", "--y"), f"aiecon {verb} is not built yet") for verb in VERBS_TO_COME),
    ],
)
def test_bad_input_ends_with_two_and_words(arguments, words, tmp_path):
    said = aiecon(*arguments, cwd=tmp_path)
    assert said.returncode == 2, said.stdout + said.stderr
    assert words in said.stderr
    assert "Traceback" not in said.stderr
    assert not list(tmp_path.iterdir())


def test_every_problem_is_a_line():
    said = process("ask", "spend_forecast", "--set", "budgt=3", "--set", "horizon=long", "--set", "draws=1")
    assert (said.returncode, said.stdout) == (2, "")
    assert [line.split()[1] for line in said.stderr.splitlines()] == ["budgt", "draws", "horizon"]


def test_a_fault_of_ours_ends_with_one_and_without_a_traceback():
    code = (
        "import aiecon.cli as cli, aiecon.catalog as catalog\n"
        "def broken(name): raise RuntimeError('wires crossed')\n"
        "catalog.find = broken\ncli.main()"
    )
    said = subprocess.run([sys.executable, "-c", code, "ask", "x"], capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "wires crossed" in said.stderr
    assert "fault of aiecon" in said.stderr
    assert "Traceback" not in said.stderr


def test_inputs_files_are_read_relative_to_themselves(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "history.csv").write_text("date,value\n" + "".join(f"2026-01-{day:02},5\n" for day in range(1, 32)))
    (folder / "ask.toml").write_text('file = "history.csv"\nhorizon = 10\n[scenarios.long]\nset.horizon = 20\n')
    for options, horizon in (((), 10), (("--scenario", "long"), 20)):
        said = aiecon("ask", "spend_forecast", "--inputs", "work/ask.toml", *options, "--json", cwd=tmp_path)
        found = json.loads(said.stdout)
        assert found["inputs"]["horizon"] == horizon
        assert found["inputs"]["file"] == "history.csv"
        assert found["summary"]["total_p50"] == pytest.approx(5 * horizon)


def test_json_inputs_do_as_well(tmp_path):
    history = [{"date": f"2026-{month:02}-01", "value": 100} for month in range(1, 10)]
    (tmp_path / "ask.json").write_text(json.dumps({"history": history}))
    found = json.loads(aiecon("ask", "spend_forecast", "--inputs", "ask.json", "--json", cwd=tmp_path).stdout)
    assert found["provenance"]["as_of"] == "2026-09-30"
    assert found["summary"]["total_p50"] == pytest.approx(300)


def test_being_told_to_stop_leaves_nothing_behind_and_says_so(tmp_path):
    command = [sys.executable, "-c", "from aiecon.cli import main; main()", "pack", "quarterly"]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("reports/.making-*/notebooks")) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, "aiecon: interrupted; nothing was written\n")
    assert not list(tmp_path.iterdir())


def test_a_price_is_said_with_its_source_and_since_when():
    said = aiecon("prices", "gpt-5", "--as-of", "2026-03-01")
    assert said.returncode == 0
    assert "openai/gpt-5 on 2026-03-01, USD per million tokens" in said.stdout
    for words in ("input                       1.25", "since 2025-08-13", "source: ", "second opinion: "):
        assert words in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 80
    (first, *_) = json.loads(aiecon("prices", "gpt-5", "--as-of", "2026-03-01", "--json").stdout)
    assert (first["provider"], first["output_per_mtok"]) == ("openai", 10.0)


@pytest.mark.parametrize("about", ["S3-09", "S3-42", "S3-50", "S3-20", "S3-31", "S3-74", "S3-72"])
def test_the_claims_most_quoted_are_answered_by_one_command(about):
    (claim,) = json.loads(aiecon("claims", about, "--json").stdout)
    assert claim["id"] == about
    assert claim["tables_say"] or claim["note"]


def test_claims_fit_a_terminal_and_unknown_ones_are_refused():
    said = aiecon("claims")
    assert said.returncode == 0
    assert said.stdout.count("The tables say:") == 7
    assert "aiecon claims ID names the table rows" in said.stdout
    assert "From data/prices/token_prices.csv row " in aiecon("claims", "S3-09").stdout
    assert max(map(len, said.stdout.splitlines())) <= 80
    refused = aiecon("claims", "no such thing")
    assert refused.returncode == 2
    assert refused.stderr.startswith("aiecon: no claim has 'no such thing'; say a word of a claim, all, or an id (")


def test_a_new_workspace_passes_its_check(tmp_path):
    made = aiecon("new", "work", cwd=tmp_path)
    assert made.stdout.endswith("Next: fill the tables, then aiecon check work\n")
    checked = aiecon("check", "work", cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    again = aiecon("new", "work", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (2, "aiecon: work: is there already and not empty; name a new folder\n")


def test_check_tells_every_problem_of_a_rate_card(tmp_path):
    shipped = resources.path("data/prices/token_prices.csv").read_text().splitlines()
    row = next(line for line in shipped if line.startswith("openai,gpt-5,USD,1.25,10.0"))
    wrong = [row.replace("1.25,10.0", "0.00000125,0.00001"), row.replace("USD", "XQZ", 1)]
    (tmp_path / "prices.csv").write_text("\n".join([shipped[0], *wrong]))
    said = aiecon("check", "prices.csv", cwd=tmp_path)
    assert said.returncode == 2
    lines = said.stderr.splitlines()
    assert [line for line in lines if "currency" in line] == [
        "aiecon: prices.csv: row 3: 'currency' must be a currency of ISO 4217 such as USD, got 'XQZ'"
    ]
    assert said.stderr.count("looks like another unit") == 2
    assert sum("two prices from" in line for line in lines) == 1
    assert all(line.startswith("aiecon: prices.csv: row ") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "x", "--stale", "abc"), "got 'abc'; aiecon check --help says what it takes"),
        (("check", "x", "--stale=99999999999"), "'--stale'"),
        (("check",), "Missing argument"),
        (("chek",), "No such command 'chek'"),
        (("prices", "gpt-5", "--bogus"), "No such option: --bogus"),
        (("ask", "spend_forecast", "--seed", "x"), "got 'x'"),
    ],
)
def test_a_usage_error_is_one_line(arguments, words):
    said = aiecon(*arguments)
    assert (said.returncode, said.stdout) == (2, "")
    (line,) = said.stderr.splitlines()
    assert line.startswith("aiecon: ")
    assert words in line


def test_the_version_is_that_of_the_package():
    said = aiecon("--version")
    assert (said.returncode, said.stdout) == (0, f"aiecon {__version__}\n")


def test_help_is_no_error():
    said = aiecon("check", "--help")
    assert (said.returncode, said.stderr) == (0, "")
    assert "Usage: aiecon check" in said.stdout


def test_problems_stay_on_their_line_whatever_stands_in_names_and_cells(tmp_path):
    (tmp_path / "two\nlines.csv").write_text("month,amount\n2026-04,x\n")
    said = aiecon("check", ".", cwd=tmp_path)
    assert said.returncode == 2
    assert [len(text.splitlines()) for text in (said.stdout, said.stderr)] == [1, 1]


def test_inputs_are_checked_beside_tables(tmp_path):
    aiecon("new", "work", cwd=tmp_path)
    assert (tmp_path / "work" / "prices.csv").read_text().startswith("provider,model,")
    (tmp_path / "work" / "pack.toml").write_text('spend = "spend.csv"\nbudgte = "budget.csv"\n')
    said = aiecon("check", "work", cwd=tmp_path)
    assert said.returncode == 2
    assert said.stderr.startswith("aiecon: pack.toml: budgte is not a field; did you mean budget?")
