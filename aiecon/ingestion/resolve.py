"""Reads every file that inputs name; the one place where questions get their data from.

What reads files is imported when the first is read: inputs are checked long before, and in processes that read none.
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Any, TypeVar

from pydantic import ValidationError

from aiecon.errors import InputError
from aiecon.ingestion import meanwhile
from aiecon.vocabulary.overrides import keep_notes
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source, Table
from aiecon.vocabulary.strict import Strict
from aiecon.vocabulary.token_price import SeenOnCard, TokenPrice

Model = TypeVar("Model", bound=Strict)


def resolve(inputs: Model) -> Model:
    """Read every file the inputs name and keep what was read, with its digest, in a copy of the inputs.

    Raises
    ------
    InputError
        With the problems of all files together.
    """
    problems: list[str] = []
    resolved = _resolved(inputs, problems, inputs)
    if problems:
        raise InputError(problems)
    if isinstance(inputs, QuestionInputs) and not inputs.is_dated and inputs.as_of is None and not _is_dated(resolved):
        from aiecon.ingestion import rate_cards

        resolved = resolved.model_copy(update={"as_of": rate_cards.last_price_day()})
    keep_notes(inputs, resolved, {})
    return resolved


def _is_dated(model: Strict) -> bool:
    """Whether anything that was read says its day."""
    values = [value for name in type(model).model_fields for value in _each(getattr(model, name))]
    sources = [value for value in values if isinstance(value, Source) and value.is_read]
    inner = [value for value in values if isinstance(value, Strict) and not isinstance(value, Source)]
    return any(source.table.facts.get("as_of") for source in sources) or any(_is_dated(one) for one in inner)


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _resolved(model: Model, problems: list[str], question: Strict) -> Model:
    updates: dict[str, Any] = _all_read(model, problems, question)
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        on_card = next((mark for mark in field.metadata if isinstance(mark, SeenOnCard)), None)
        if on_card is not None and value is None:
            updates[name] = _seen_on(getattr(model, on_card.beside), question)
        elif isinstance(value, Strict) and not isinstance(value, Source):
            updates[name] = _resolved(value, problems, question)
        elif isinstance(value, tuple) and any(isinstance(item, Strict) for item in value):
            updates[name] = tuple(
                _resolved(item, problems, question) if isinstance(item, Strict) else item for item in value
            )
    return model.model_copy(update=updates)


def _all_read(model: Strict, problems: list[str], question: Strict) -> dict[str, Any]:
    """The files that a model's own fields name, read: field -> source; the first of them beside the others."""
    wanted = {name: reads for name in type(model).model_fields if (reads := _reads(model, name))}
    told: dict[str, list[str]] = {name: [] for name in wanted}

    def read(name: str) -> Source:
        owner = question if wanted[name].of_question else model
        return _read(getattr(model, name), wanted[name], owner, told[name])

    first, others = next(iter(wanted), None), [*wanted][1:]
    jobs: dict[str, Future[Source]] = {}
    with ThreadPoolExecutor(max_workers=1) as beside:

        def begin() -> None:
            jobs.update({name: beside.submit(read, name) for name in others if name not in jobs})

        with meanwhile.left_for_later(begin):
            found = {} if first is None else {first: read(first)}
        found |= {name: job.result() for name, job in jobs.items()}
    problems += [problem for name in wanted for problem in told[name]]
    return found


def _reads(model: Strict, name: str) -> Reads | None:
    """How the file that a field names is read; None where it names none, or what it is read for is left out."""
    marks = type(model).model_fields[name].metadata
    reads = next((mark for mark in marks if isinstance(mark, Reads)), None)
    is_asked = reads is not None and (reads.beside is None or getattr(model, reads.beside) is not None)
    return reads if is_asked and isinstance(getattr(model, name), Source) else None


def problems_beside(model: type[Strict], raw: Mapping[str, Any]) -> list[str]:
    """Return what is wrong in the files that inputs name which are not sound themselves, of readers that are alone."""
    problems: list[str] = []
    for name, field in model.model_fields.items():
        reads = next((mark for mark in field.metadata if isinstance(mark, Reads) and mark.is_alone), None)
        if reads is None or raw.get(name) is None:
            continue
        try:
            _read(Source.model_validate(raw[name]), reads, QuestionInputs(as_of=raw.get("as_of")), problems)
        except (InputError, ValidationError):
            continue  # no path or no day: the field itself says so
    return problems


def _seen_on(price: Any, question: Strict) -> date | None:
    """The day, up to that of the question, the shipped rate card last saw a price; None for one that is not on it."""
    from aiecon.ingestion import rate_cards

    if not isinstance(price, TokenPrice):
        return None
    day = getattr(question, "as_of", None) or rate_cards.last_price_day()
    quote = rate_cards.quote_of(price, day=day)
    return None if quote is None else min(quote.seen_on, day)


def _read(source: Source, reads: Reads, owner: Strict, problems: list[str]) -> Source:
    from aiecon.ingestion.readers import READERS

    if source.is_read:
        return source
    try:
        read = READERS[reads.reader]
        table: Table = read(source, owner)
    except InputError as error:
        problems += error.problems
        return source
    return source.read_as(table, read)


def sources(inputs: Any) -> list[dict[str, Any]]:
    """Return path, digest and number of rows of every file that was read, in the order of the fields."""
    found: list[dict[str, Any]] = []
    for name in type(inputs).model_fields:
        value = getattr(inputs, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Source) and item.is_read:
                found.append({"path": item.path, "sha256": item.table.digest, "rows": item.table.rows})
            elif isinstance(item, Strict) and not isinstance(item, Source):
                found += sources(item)
    return found
