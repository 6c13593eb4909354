"""`aiecon load` as a user meets it."""

import json

import pandas as pd
import pytest
import spend_scene as scene
from typer.testing import CliRunner

from aiecon import resources
from aiecon.cli import app, main


def aiecon(monkeypatch, capsys, *arguments):
    """Run the command line in this process: exit status, stdout, stderr."""
    monkeypatch.setattr("sys.argv", ["aiecon", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return ended.value.code or 0, said.out, said.err


def test_the_sample_loaded_from_csv_answers_as_the_sample(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sample = resources.path("data/sample/spend.parquet")
    pd.read_parquet(sample).to_csv("spend.csv", index=False)
    status, out, _ = aiecon(
        monkeypatch,
        capsys,
        "load",
        "spend.csv",
        "--to",
        "store",
        "--invoice",
        resources.path("data/sample/invoices.csv"),
    )
    assert status == 0
    assert "rows in 27,643 = 27,643 loaded + 0 duplicates + 0 refused" in out
    assert "store: written; 27,643 rows, BilledCost 2,316,452.98 USD" in out
    assert max(map(len, out.splitlines())) <= 80
    fast = ("--set", "horizon=7", "--set", "methods=['drift']", "--set", "where.ProviderName=OpenAI", "--json")
    answers = []
    for spend in ("store", sample):
        status, out, err = aiecon(monkeypatch, capsys, "ask", "spend_forecast", "--set", f"spend={spend}", *fast)
        assert status == 0, err
        answers.append(json.loads(out))
    assert answers[0]["summary"] == answers[1]["summary"]
    assert answers[0]["table"] == answers[1]["table"]


def test_a_folder_of_mixed_exports_becomes_a_reconciled_store(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    scene.to_csv(tmp_path / "exports" / "azure.csv", scene.azure_rows())
    scene.to_lines(tmp_path / "exports" / "spans.jsonl", scene.otel_spans(scene.OPENAI))
    scene.to_page(tmp_path / "exports" / "anthropic.json", scene.anthropic_cost())
    (tmp_path / "exports" / "invoices.csv").write_text(
        "invoice_id,provider,period,amount,currency\nA,Anthropic,2026-03,0.99,USD\nM,Microsoft,2026-03,0.06,USD\n"
    )
    arguments = ("load", "exports", "--to", "store", "--invoice", "exports/invoices.csv")
    status, out, err = aiecon(monkeypatch, capsys, *arguments)
    assert status == 0, err
    assert "exports/azure.csv (azure_costs)" in out
    assert "Together: rows in" in out
    assert "Reconciliation [USD]" in out
    assert max(map(len, out.splitlines())) <= 80
    status, out, _ = aiecon(monkeypatch, capsys, *arguments)
    assert status == 0
    assert "store: unchanged" in out


def test_an_invoice_that_does_not_agree_ends_with_two(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scene.to_csv(tmp_path / "bill.csv", scene.focus_rows())
    (tmp_path / "invoices.csv").write_text("provider,month,amount,currency\nOpenAI,2026-03,100,USD\n")
    arguments = ("load", "focus:bill.csv", "--to", "store", "--invoice", "invoices.csv")
    status, out, err = aiecon(monkeypatch, capsys, *arguments)
    assert status == 2
    assert "Reconciliation" in out
    assert "unexplained 99.94" in err
    assert "nothing was written" in err
    assert not (tmp_path / "store").exists()


def test_bills_that_may_be_one_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scene.to_csv(tmp_path / "bill.csv", [{**row, "BilledCost": "5"} for row in scene.focus_rows()])
    scene.to_page(tmp_path / "report.json", scene.anthropic_cost())
    status, out, err = aiecon(monkeypatch, capsys, "load", "bill.csv", "report.json", "--to", "store")
    assert status == 0, err
    assert "Perhaps counted twice: bills [USD]" in out
    assert "  Anthropic 2026-03-02 to " in out
    assert max(map(len, out.splitlines())) <= 80


def test_help_names_what_it_takes():
    said = CliRunner().invoke(app, ["load", "--help"]).output
    assert "--invoice" in said
    assert "SOURCE..." in said
