"""The command line. It says what it is asked in a terminal of 80 columns; figures are computed elsewhere.

Exit status: 0 answered; 2 bad input, every problem a line on stderr; 1 a fault of ours.
"""

import json
import os
import sys
import textwrap
import tomllib
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from aiecon import __version__, catalog
from aiecon.cli.loading import load
from aiecon.cli.terminal import USAGE, WIDTH, heed, say, steps, told, usage_words, wrapped
from aiecon.errors import AieconError, InputError, NotBuiltError, one_line

_ABOUT = """Finance questions about AI spend, answered with ranges, sources and grades.

Exit status: 0 answered; 2 bad input, every problem a line on stderr; 1 a fault of aiecon.
"""

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, help=_ABOUT
)

_HELP = {
    "inputs": "a .toml or .json file of inputs; the sample company without one",
    "changes": "dotted.name=value, read as TOML, else as text; may stand several times",
}


class Profile(StrEnum):
    """How thorough a run is."""

    fast = "fast"
    full = "full"


Name = Annotated[str, typer.Argument(help="a question, as aiecon questions lists them")]
Inputs = Annotated[str | None, typer.Option("--inputs", help=_HELP["inputs"])]
Changes = Annotated[list[str] | None, typer.Option("--set", help=_HELP["changes"])]
Scenario = Annotated[str | None, typer.Option("--scenario", help="a named set of changes")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="last day that is read, 2026-03-31")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object")]
Seed = Annotated[int | None, typer.Option("--seed", help="seed of every random draw")]
Params = Annotated[list[str] | None, typer.Option("--param", help="k=v: paper=a4|letter, confidentiality=TEXT")]
Out = Annotated[str, typer.Option("--out", help="folder the report lands in")]
Formats = Annotated[str, typer.Option("--formats", help="of html, pdf; separated by commas")]


def _say_version(is_asked: bool) -> None:
    if is_asked:
        print(f"aiecon {__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", help="say it and end", is_eager=True, callback=_say_version)]


@app.callback()
def start(version: Version = False) -> None:
    """Options that stand before a command."""


@app.command()
def questions() -> None:
    """List the ten questions and what is built."""
    for question in catalog.QUESTIONS:
        state = "built" if question.is_built else "not built yet"
        print(f"{question.name:<16} {state:<14} {wrapped(question.question, 32)}")


@app.command()
def ask(
    name: Name,
    inputs: Inputs = None,
    changes: Changes = None,
    scenario: Scenario = None,
    as_of: AsOf = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question."""
    with steps() as tell:
        catalog.find(name)
        tell("reading and computing")
        from aiecon.report import asking

        answer = asking.ask(
            name,
            tell=lambda done, every: tell(f"{done:,} of {every:,} series"),
            inputs=inputs,
            changes=parsed(changes, "--set"),
            scenario=scenario,
            as_of=as_of,
            seed=seed,
        )
    if as_json:
        print(json.dumps(asking.result(name, answer), indent=2, ensure_ascii=False))
    else:
        print("\n".join(told(name, answer)))


@app.command()
def report(
    name: Name,
    inputs: Inputs = None,
    changes: Changes = None,
    scenario: Scenario = None,
    as_of: AsOf = None,
    seed: Seed = None,
    params: Params = None,
    out: Out = "reports",
    profile: Profile = Profile.full,
    formats: Formats = "html,pdf",
) -> None:
    """Write the report of one question."""
    _write("report", name, locals())


@app.command()
def pack(
    name: Annotated[str, typer.Argument(help="quarterly or cfo")],
    inputs: Inputs = None,
    changes: Changes = None,
    scenario: Scenario = None,
    as_of: AsOf = None,
    seed: Seed = None,
    params: Params = None,
    out: Out = "reports",
    profile: Profile = Profile.full,
    formats: Formats = "html,pdf",
) -> None:
    """Write a pack: --set QUESTION.name=value; spend and budget reach every page."""
    _write("pack", name, locals())


def _write(verb: str, name: str, said: dict[str, Any]) -> None:
    with steps() as tell:
        tell("loading")
        from aiecon.report import run

        request = run.Request(
            inputs=said["inputs"],
            changes=parsed(said["changes"], "--set"),
            scenario=said["scenario"],
            as_of=said["as_of"],
            seed=said["seed"],
            profile=str(said["profile"]),
            params=parsed(said["params"], "--param"),
            out=said["out"],
            formats=tuple(one.strip() for one in said["formats"].split(",") if one.strip()),
        )
        make: Callable[..., Any] = run.report if verb == "report" else run.pack
        folder = make(name, request, tell=tell)
    from aiecon.report.summary import lines

    print("\n".join(lines(folder, WIDTH)))
    absent = [one for one in catalog.PACKS.get(name, ()) if verb == "pack" and not catalog.is_built(one)]
    if absent:
        print(f"Not built yet and left out: {', '.join(absent)}.")
    unfed = [] if verb == "report" else [one for one in catalog.pages(name) if not _has_page(folder, one.notebook)]
    if unfed:
        print(f"Left out, since nothing of yours feeds it: {', '.join(one.name for one in unfed)}.")


def _has_page(folder: Any, notebook: str) -> bool:
    return bool((folder / "notebooks" / f"{notebook}.ipynb").exists())


@app.command()
def prices(
    model: Annotated[str, typer.Argument(help="a model, or PROVIDER/MODEL")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Say what a token costs, by whom it was said, since when, and who disagrees."""
    from aiecon.ingestion import price_words

    found = price_words.answers(model, as_of=_day(as_of))
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for answer in found:
        for line in price_words.told(answer):
            print(line if len(line) <= WIDTH else textwrap.fill(line, WIDTH, subsequent_indent="    "))


@app.command()
def check(
    path: Annotated[str, typer.Argument(help="a table or inputs file, or a folder of them")],
    stale: Annotated[
        int | None, typer.Option("--stale", min=0, max=36_500, help="days after which an unseen price is old")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Check data, assumptions, rate cards and inputs: every problem, file and row."""
    with steps() as tell:
        tell("checking")
        from aiecon.report import checking

        found = checking.check_path(Path(path), stale=stale, as_of=_day(as_of))
    for one in found:
        rows = "" if one.rows is None else f", {one.rows:,} {one.unit}"
        state = "BAD" if one.problems else "ok" if one.rows is not None else "-"
        print(one_line(f"{state:<4}{one.name}: {one.kind or 'see below'}{rows}"))
        for note in one.notes:
            print(textwrap.fill(f"note: {note}", WIDTH, initial_indent="    ", subsequent_indent="    "))
    problems = [problem for one in found for problem in one.problems]
    if problems:
        raise InputError(problems)


@app.command()
def claims(
    about: Annotated[
        str | None, typer.Argument(help="an id such as S3-50, a word, or all; the most quoted without")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold often quoted claims against what the price tables say."""
    from aiecon.ingestion.claim_tables import words as evidence_words
    from aiecon.ingestion.claims import find

    found = find(about)
    if as_json:
        print(json.dumps([asdict(claim) for claim in found], indent=2, ensure_ascii=False))
        return
    for claim in found:
        figure = f": {claim.figure} {claim.unit}".rstrip() if claim.figure else ""
        say(f"{claim.id} {' + '.join(claim.verdicts)}  {claim.claim}{figure}")
        for label, words in (("The tables say", claim.tables_say), ("Note", claim.note)):
            if words:
                say(f"  {label}: {words}")
        for words in evidence_words(claim.evidence) if len(found) == 1 else ():
            say(f"  From {words}")
    if len(found) > 1:
        say("aiecon claims ID names the table rows, sources and days behind it; aiecon claims all lists every claim.")


@app.command()
def new(folder: Annotated[str, typer.Argument(metavar="DIR", help="a folder that is not there yet")]) -> None:
    """Make a workspace: notebooks, blank tables to fill, and a README that says how."""
    from aiecon.report import workspace

    for name in workspace.make(Path(folder)):
        print(f"{folder}/{name}")
    print(f"Next: fill the tables, then aiecon check {folder}")


@app.command()
def lab(
    folder: Annotated[str, typer.Argument(metavar="[DIR]", help="a workspace")] = ".",
) -> None:
    """Open JupyterLab with the notebooks of a workspace."""
    from aiecon.report import serving

    sys.exit(serving.lab(Path(folder)))


@app.command("app")
def app_(
    name: Name,
    inputs: Inputs = None,
    scenario: Scenario = None,
    is_dark: Annotated[bool, typer.Option("--dark", help="a dark page, whatever the system prefers")] = False,
) -> None:
    """Serve the what-if panel of a question in the browser, on this machine alone."""
    from aiecon.report import serving

    sys.exit(serving.panel(catalog.find(name).name, inputs=inputs, scenario=scenario, is_dark=is_dark))


@app.command()
def warmup() -> None:
    """Compile every kernel once, so that parallel runs and first answers need not."""
    with steps() as tell:
        from aiecon.report import asking

        built = [question for question in catalog.QUESTIONS if question.is_built]
        for question in built:
            tell(f"compiling what {question.name} runs")
            asking.ask(question.name, profile="fast")
            if question.warm:
                asking.ask(question.name, profile="fast", changes=dict(question.warm))
    say(f"Compiled what {len(built)} questions run: {', '.join(question.name for question in built)}.")


def _day(text: str | None) -> date | None:
    from aiecon.vocabulary.strict import as_day

    return None if text is None else as_day(text, name="--as-of")


def _planned(verb: str, what: str) -> None:
    def command(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
        raise NotBuiltError(f"aiecon {verb} is not built yet: {what}")

    settings = {"ignore_unknown_options": True}
    app.command(verb, help=f"Not built yet: {what}.", context_settings=settings)(command)


app.command()(load)
_planned("trace", "the walk from a printed figure to its sources")


def parsed(pairs: list[str] | None, option: str) -> dict[str, Any]:
    """Read name=value pairs; a value is TOML when it reads as TOML, else text.

    Examples
    --------
    >>> parsed(["horizon=30", 'where={x_Environment="prod"}', "spend=my.csv"], "--set")
    {'horizon': 30, 'where': {'x_Environment': 'prod'}, 'spend': 'my.csv'}
    """
    found, problems = {}, []
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            problems.append(f"{option} {pair}: name=value is expected")
            continue
        found[name.strip()] = _value(value.strip())
    if problems:
        raise InputError(problems)
    return found


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def main() -> None:
    """Run the command line and turn errors into exit statuses."""
    heed()
    try:
        sys.exit(app(prog_name="aiecon", standalone_mode=False))
    except USAGE as error:
        print(usage_words(error), file=sys.stderr)
        sys.exit(2)
    except InputError as error:
        for problem in error.problems:
            print(f"aiecon: {problem}", file=sys.stderr)
        sys.exit(2)
    except AieconError as error:
        print(f"aiecon: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("AIECON_TRACEBACK"):
            raise
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"aiecon: {words}", file=sys.stderr)
        print("aiecon: this is a fault of aiecon; AIECON_TRACEBACK=1 shows where it happened", file=sys.stderr)
        sys.exit(1)
