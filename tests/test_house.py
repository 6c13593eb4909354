"""The house as DESIGN draws it: one row in the catalog brings files of the same name, all of them used."""

import ast
import json
import re
from importlib import import_module
from pathlib import Path

import pytest

import aiecon
from aiecon import catalog, resources
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.strict import Strict, models_in

ROOT = Path(__file__).parent.parent
BUILT = [question for question in catalog.QUESTIONS if question.is_built]
NAMES = [
    "spend_review",
    "spend_forecast",
    "cost_curve",
    "adaptive_budget",
    "variability",
    "self_host",
    "provisioned",
    "seats",
    "tiering",
    "business_case",
]
MODULES = sorted((ROOT / "aiecon").rglob("*.py"))

built = pytest.mark.parametrize("question", BUILT, ids=lambda question: question.name)


def test_the_catalog_lists_the_ten_questions():
    assert [question.name for question in catalog.QUESTIONS] == NAMES
    assert set().union(*catalog.PACKS.values()) <= set(NAMES)


@built
def test_a_built_question_has_its_five_addresses(question):
    for stem in (f"aiecon/models/{question.name}", f"aiecon/report/pages/{question.name}"):
        is_folder, is_file = (ROOT / stem / "__init__.py").exists(), (ROOT / f"{stem}.py").exists()
        assert is_folder != is_file, stem  # a noun that outgrew a file is a folder of the same name
    for path in (
        f"aiecon/charts/{question.name}.py",
        f"notebooks/{question.notebook}.ipynb",
        f"tests/models/test_{question.name}.py",
        f"tests/charts/test_{question.name}.py",
        f"data/sample/{question.name}.toml",
    ):
        assert (ROOT / path).exists(), path
    assert question.inputs == f"models.{question.name}:{question.load_inputs().__name__}"
    assert issubclass(question.load_inputs(), QuestionInputs)
    assert getattr(aiecon, question.name) is question.load_function()


@built
def test_its_notebook_is_thin_committed_without_outputs_and_has_the_parameters(question):
    notebook = json.loads((ROOT / f"notebooks/{question.notebook}.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    source = "\n".join("".join(cell["source"]) for cell in cells)
    assert not [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.BinOp)
    ]
    parameters = next(cell for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    names = [line.target.id for line in ast.parse("".join(parameters["source"])).body]
    assert names[:6] == ["inputs", "overrides", "scenario", "as_of", "seed", "profile"]


@built
def test_its_notebook_ran_without_an_empty_or_broken_cell(question, sample_run, cfo_run):
    run_in = sample_run if question.name in catalog.PACKS["quarterly"] else cfo_run
    notebook = json.loads((run_in / "notebooks" / f"{question.notebook}.ipynb").read_text())
    for cell in notebook["cells"]:
        silent = {"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", []))
        if cell["cell_type"] == "code" and not silent and not "".join(cell["source"]).startswith("import"):
            assert cell["outputs"], cell["source"]
        assert not [output for output in cell.get("outputs", []) if output["output_type"] in ("error", "stream")]


@built
def test_its_charts_are_built_from_the_sample_answer(question, sample_answers):
    answer = sample_answers(question.name)
    for chart in question.load_charts():
        spec = chart(answer).to_dict()
        assert spec["title"]["text"]
        assert sum(len(rows) for rows in spec["datasets"].values()) > 3


@built
def test_its_controls_data_and_fast_profile_name_fields_of_its_inputs(question):
    fields = question.load_inputs().model_fields
    controls = [name for control in question.controls for name in control.split("|")]  # a choice names its list too
    named = [*controls, *question.data, *(name for name, _ in question.fast)]
    assert not [name for name in named if name.split(".")[0] not in fields]


@built
def test_every_field_says_what_it_is(question):
    def undescribed(model):
        own = [f"{model.__name__}.{name}" for name, field in model.model_fields.items() if not field.description]
        inner = [model for field in model.model_fields.values() for model in models_in(field.annotation)]
        return own + [name for one in inner if one is not Strict for name in undescribed(one)]

    assert undescribed(question.load_inputs()) == []


@built
def test_it_has_a_known_answer_a_readme_row_and_a_contract_of_keys(question):
    readme = (ROOT / "README.md").read_text()
    assert re.search(rf"^\| `{question.name}` \|.*\| built", readme, re.MULTILINE)
    assert list((ROOT / "tests/reference").glob("test_*.py"))


def test_questions_not_built_say_so_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    for question in catalog.QUESTIONS:
        if not question.is_built:
            assert re.search(rf"^\| `{question.name}` \|.*\| not yet", readme, re.MULTILINE), question.name


def test_public_names_are_importable_and_documented():
    for name in aiecon.__all__:
        assert hasattr(aiecon, name), name
    with pytest.raises(AttributeError):
        aiecon.no_such_name  # noqa: B018


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_read_in_a_sitting_and_say_what_they_are(path):
    source = path.read_text()
    assert source.count("\n") <= 400
    tree = ast.parse(source)
    assert ast.get_docstring(tree), path
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}: {node.name}"


def test_the_label_of_a_figure_can_be_read_alone():
    """A screen reader says one figure at a time: a label leans on no other."""
    calls = [node for path in MODULES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    labels = [call.args[1] for call in calls if getattr(call.func, "id", "") == "Metric" and len(call.args) > 1]
    texts = [one.value for label in labels for one in ast.walk(label) if isinstance(one, ast.Constant)]
    assert len(texts) > 100
    leaning = re.compile(r"^(Of|On|With)\b|\b(the same|its|these|those|them|they|that phase)\b", re.IGNORECASE)
    assert [text for text in texts if isinstance(text, str) and leaning.search(text)] == []


def test_test_files_mirror_the_package():
    for folder in ("vocabulary", "sensitivity", "forecasting", "kernels", "models", "charts", "ingestion", "report"):
        for test in (ROOT / "tests" / folder).glob("test_*.py"):
            assert import_module(f"aiecon.{folder}.{test.stem.removeprefix('test_')}"), test


def test_no_assumption_is_a_rumour():
    import pandas as pd

    rows = pd.read_csv(resources.path("data/assumptions.csv"))
    assert not (rows["grade"] == "rumour").any()


def test_no_kept_file_is_large_and_the_lock_holds_no_address():
    kept = ("aiecon", "notebooks", "data", "tests", "benchmarks", "reports/sample", ".github")
    files = [file for folder in kept for file in (ROOT / folder).rglob("*") if file.is_file()]
    assert not [file for file in files if file.stat().st_size >= 5 * 2**20]
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--hash=sha256:" in lock
