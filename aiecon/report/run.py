"""Run notebooks and make a report of them: all of it or nothing, and never over a whole one."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiecon import catalog, resources
from aiecon.catalog import Question
from aiecon.errors import IdleScenarioError, InputError, NotBuiltError, ReportError
from aiecon.report import asking, blocks, html, manifest, packs, pdf
from aiecon.report.packs import borrowed, past
from aiecon.report.packs.agreement import day_of, stamp_of
from aiecon.report.packs.old_prices import asked_prices

FORMATS = ("html", "pdf")
PLANNED_FORMATS = ("xlsx",)
LAYOUT = {"paper": "a4", "confidentiality": "Confidential"}
_TOGETHER = 2
_BAD_INPUT = ("InputError", "FrameError", "NotBuiltError")


@dataclass(frozen=True)
class Request:
    """What the user said: the same for `report` and `pack`."""

    inputs: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    scenario: str | None = None
    as_of: str | None = None
    seed: int | None = None
    profile: str = "full"
    params: Mapping[str, Any] = field(default_factory=dict)
    out: str = "reports"
    formats: Sequence[str] = FORMATS


def report(name: str, request: Request, *, tell: Callable[[str], None] = lambda step: None) -> Path:
    """Run one question's notebook and return the folder of its report."""
    return _run(name, [catalog.find(name)], {name: dict(request.changes)}, request, tell)


def pack(name: str, request: Request, *, tell: Callable[[str], None] = lambda step: None) -> Path:
    """Run the notebooks of a pack whose questions are built and return the folder of its report.

    Once the user brings data for some pages, those that got none are left out: nothing of the sample company stays.
    """
    questions = catalog.pages(name)
    changes, problems = _split(questions, request.changes)
    fed = [one for one in questions if asking.is_fed(one, request.inputs, changes[one.name])]
    if fed and not problems:
        fed = [one for one in questions if one in fed or (not one.data and changes[one.name])]
        for one in questions:
            if one not in fed and changes[one.name]:
                said = ", ".join(f"{one.name}.{field}" for field in changes[one.name])
                problems.append(f"{said}: nothing of yours feeds {one.name}; give {' or '.join(one.data)} too")
            elif one not in fed:
                tell(f"leaving out {one.name}, which got no data")
        questions = fed
    problems += [line for one in questions for line in asked_prices(one, _options(one, changes[one.name], request))]
    options = {one.name: _options(one, changes[one.name], request) for one in questions}
    amounts, differing = borrowed.taken(questions, options) if not problems else ({}, [])
    for question, borrowing in amounts.items():
        changes[question] |= borrowing
    problems += differing
    return _run(name, questions, changes, request, tell, problems)


def _split(questions: Sequence[Question], changes: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Changes by question, and names that reach none.

    QUESTION.name=value goes to one question, `spend` and `budget` to every page that reads them.
    """
    by_name: dict[str, dict[str, Any]] = {question.name: {} for question in questions}
    problems = []
    for dotted, value in changes.items():
        head, _, rest = dotted.partition(".")
        if head in by_name and rest:
            by_name[head][rest] = value
        elif head in catalog.SHARED_IN_PACKS:
            for question in questions:
                if head in asking.shared(question.load_inputs()):
                    by_name[question.name].setdefault(dotted, value)
        else:
            problems.append(
                f"{dotted} is not a name in this pack; say QUESTION.{dotted} with one of {', '.join(by_name)}, "
                f"or set {' or '.join(catalog.SHARED_IN_PACKS)} for all pages"
            )
    return by_name, problems


def _run(
    label: str,
    questions: Sequence[Question],
    changes: Mapping[str, Mapping[str, Any]],
    request: Request,
    tell: Callable[[str], None],
    problems: Sequence[str] = (),
) -> Path:
    started = datetime.now(UTC)
    tell("checking what was asked")
    layout, requests = _checked(questions, changes, request, problems)
    out = Path(request.out)
    with _staging(out) as staging, ThreadPoolExecutor(_TOGETHER + 1) as threads:
        (staging / "notebooks").mkdir()
        bundle = threads.submit(html.vega_bundle) if "html" in request.formats else None
        jobs = [
            threads.submit(_execute, one, changes[one.name], requests[one.name], layout, staging, tell)
            for one in questions
        ]
        notebooks = _finished(jobs)
        tell("writing the report")
        if bundle:
            bundle.result()
        results = _write(label, questions, notebooks, request, layout, staging)
        manifest.write(
            staging,
            name=label,
            results=results,
            notebooks={one.name: resources.path(f"notebooks/{one.notebook}.ipynb") for one in questions},
            request=_said(request),
            times={"started": started.isoformat(), "finished": datetime.now(UTC).isoformat()},
        )
        return _put(staging, out / f"{label}-{day_of(results)}")


def _checked(
    questions: Sequence[Question],
    changes: Mapping[str, Mapping[str, Any]],
    request: Request,
    known_problems: Sequence[str],
) -> tuple[dict[str, Any], dict[str, Request]]:
    """Check everything that can be checked before a kernel starts, all problems together.

    Returns the layout and the request of each question: a scenario that reaches only some of them stays with those.
    """
    problems = [*known_problems, *_format_problems(request.formats)]
    layout = {**LAYOUT, **{key: value for key, value in request.params.items() if key in LAYOUT}}
    if layout["paper"] not in pdf.PAPERS:
        problems.append(f"--param paper must be {' or '.join(pdf.PAPERS)}, got {layout['paper']!r}")
    requests = {question.name: request for question in questions}
    idle: list[str] = []
    for question in questions:
        problems += _parameter_problems(question, request.params)
        try:
            asking.build(question.name, **_options(question, changes[question.name], request))
        except IdleScenarioError as error:
            requests[question.name] = replace(request, scenario=None)
            idle += error.problems
        except InputError as error:
            problems += [_named(question, one) for one in error.problems] if len(questions) > 1 else error.problems
    problems += idle if len(idle) == len(questions) else []
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return layout, requests


def _named(question: Question, problem: str) -> str:
    """A problem of a field, or of what is none, with its question, since a pack has fields of one name in several."""
    head = re.split(r"[ .:]", problem, maxsplit=1)[0]
    is_field = head in question.load_inputs().model_fields or re.match(r"\S+ is not a field", problem)
    is_own = is_field and head not in catalog.SHARED_IN_PACKS
    return f"{question.name}.{problem}" if is_own else problem


def _format_problems(formats: Sequence[str]) -> list[str]:
    problems = [f"--formats {one} is not built yet" for one in formats if one in PLANNED_FORMATS]
    known = (*FORMATS, *PLANNED_FORMATS)
    return problems + [f"--formats must be of {', '.join(known)}, got {one!r}" for one in formats if one not in known]


def _parameter_problems(question: Question, params: Mapping[str, Any]) -> list[str]:
    """--param names must be parameters of the notebook, beside those of the layout, and of its types."""
    known = parameters(question)
    reserved = {"inputs", "overrides", "scenario", "as_of", "seed", "profile"}
    problems = []
    for name, value in params.items():
        if name in LAYOUT:
            if not isinstance(value, str):
                problems.append(f"--param {name} must be text, got {value!r}")
        elif name in reserved:
            problems.append(
                f"--param {name} has an option of its own: --{'set' if name == 'overrides' else name.replace('_', '-')}"
            )
        elif name not in known:
            names = ", ".join([*LAYOUT, *sorted(known.keys() - reserved)])
            problems.append(f"--param {name} is not a parameter of {question.notebook} (parameters: {names})")
        elif type(value).__name__ != known[name]:
            problems.append(f"--param {name} must be {known[name]}, got {value!r}")
    return problems


def parameters(question: Question) -> dict[str, str]:
    """Name -> type of the parameters of a question's notebook."""
    import papermill

    found = papermill.inspect_notebook(str(resources.path(f"notebooks/{question.notebook}.ipynb")))
    return {name: parameter["inferred_type_name"] for name, parameter in found.items()}


def _options(question: Question, changes: Mapping[str, Any], request: Request) -> dict[str, Any]:
    return {
        "inputs": request.inputs,
        "changes": dict(changes),
        "scenario": request.scenario,
        "as_of": request.as_of,
        "seed": request.seed,
        "profile": request.profile,
    }


def _execute(
    question: Question,
    changes: Mapping[str, Any],
    request: Request,
    layout: Mapping[str, Any],
    staging: Path,
    tell: Callable[[str], None],
) -> Any:
    """Run one notebook into the staging folder and return it executed."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from aiecon.report.kernel import OwnKernelManager

    tell(f"running {question.notebook}")
    target = staging / "notebooks" / f"{question.notebook}.ipynb"
    try:
        notebook = papermill.execute_notebook(
            str(resources.path(f"notebooks/{question.notebook}.ipynb")),
            str(target),
            parameters={
                "inputs": request.inputs or "",
                "overrides": asking.plain({**changes, **({"seed": 0} if request.seed == 0 else {})}),
                "scenario": request.scenario or "",
                "as_of": request.as_of or "",
                "seed": request.seed or 0,
                "profile": request.profile,
                **{name: value for name, value in request.params.items() if name not in layout},
            },
            progress_bar=False,
            request_save_on_cell_execute=False,
            shutdown_kernel="immediate",  # it holds nothing that is worth the second it takes to say goodbye
            kernel_manager_class=OwnKernelManager,
            kernel_name="python3",
        )
    except PapermillExecutionError as error:
        raise _failure(question, error) from None
    return _without_paths(notebook, target)


def _failure(question: Question, error: Any) -> Exception:
    """A notebook that stopped: bad input keeps its words, anything else says which cell and why."""
    if error.ename in _BAD_INPUT:
        kind = NotBuiltError if error.ename == "NotBuiltError" else InputError
        return kind(str(error.evalue).split("\n"))
    source = str(error.source).strip().split("\n")[0]
    return ReportError(
        f"{question.notebook}: cell {error.cell_index} ({source}) failed with {error.ename}: {error.evalue}"
    )


def _without_paths(notebook: Any, target: Path) -> Any:
    """Drop papermill's record of where and when it ran, and its random name for the cell it adds."""
    import nbformat

    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    nbformat.write(notebook, str(target))
    return notebook


def _finished(jobs: Sequence[Any]) -> list[Any]:
    """Results of all jobs; bad inputs of all pages together, else the first fault."""
    from aiecon.report import kernel

    try:
        errors = [error for job in jobs if (error := job.exception())]
    except KeyboardInterrupt:
        kernel.abandon()
        raise
    bad = [problem for error in errors if isinstance(error, InputError) for problem in error.problems]
    for error in errors:
        if not isinstance(error, InputError):
            raise error
    if bad:
        raise InputError(list(dict.fromkeys(bad)))
    return [job.result() for job in jobs]


def _write(
    label: str,
    questions: Sequence[Question],
    notebooks: Sequence[Any],
    request: Request,
    layout: Mapping[str, Any],
    staging: Path,
) -> dict[str, Any]:
    """Write results.json and the asked formats; return the results by question."""
    results = {
        question.name: next(block["result"] for block in blocks.read(notebook) if block["kind"] == "result")
        for question, notebook in zip(questions, notebooks, strict=True)
    }
    past.mark(notebooks, day_of(results))
    pages = [
        (question.question, blocks.read(notebook)) for question, notebook in zip(questions, notebooks, strict=True)
    ]
    manifest.write_json(staging / "results.json", results)
    title = TITLES.get(label, questions[0].question)
    stamp = stamp_of(pages, results)
    paper, screen = packs.arranged(label, questions, pages, results)
    if "html" in request.formats:
        own = {question.question: notebook for question, notebook in zip(questions, notebooks, strict=True)}
        shown = [(name, own.get(name) or blocks.notebook_of(page)) for name, page in screen]
        page = html.render(shown, title=title, stamp=layout["confidentiality"])
        (staging / "report.html").write_text(page, encoding="utf-8")
    if "pdf" in request.formats:
        pdf.write(paper, staging / "report.pdf", title=title, stamp=stamp, **layout)
    return results


TITLES = {"quarterly": "AI spend, quarterly pack", "cfo": "AI spend, CFO pack"}


def _said(request: Request) -> dict[str, Any]:
    """The request as the user gave it, for the manifest."""
    said = asking.plain(vars(request))
    return {key: value for key, value in said.items() if key != "out"}


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """A folder to make the report in; nothing of a failed run stays."""
    was_there = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".making-", dir=out))
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror})") from None
    _MAKING[folder] = not was_there
    try:
        yield folder
    finally:
        _clear(folder)


_MAKING: dict[Path, bool] = {}
"""Folders that reports are made in -> whether the folder around them was made for them."""


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if _MAKING.pop(folder) and folder.parent.exists() and not any(folder.parent.iterdir()):
        folder.parent.rmdir()


def abandon() -> None:
    """Remove what unfinished reports have made."""
    for folder in list(_MAKING):
        _clear(folder)


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(f"{target}: a file stands where the report goes; move it or choose another --out")
    ours = ("report.*", "results.json", "manifest.json", "notebooks/*.ipynb")
    files = [file.relative_to(target) for file in target.rglob("*") if file.is_file()]
    foreign = sorted(str(file) for file in files if not any(file.match(one) for one in ours))
    if foreign:
        shown = ", ".join(foreign[:3]) + (", ..." if len(foreign) > 3 else "")
        raise InputError(f"{target}: holds {shown}, which no report writes; move it or choose another --out")


def _put(staging: Path, target: Path) -> Path:
    """Move a finished report into place; the old one goes only when the new one stands, a foreign folder never."""
    _refuse_foreign(target)
    staging.chmod(0o755)
    old = target.with_name(f".old-{target.name}")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    try:
        staging.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return target
