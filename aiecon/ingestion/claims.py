"""The disputed claims, each beside what the shipped price tables say; every figure is computed from the tables.

When a table changes, the column `tables_say` of data/claims.csv is written anew by

    python -m aiecon.ingestion.claims
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from aiecon import resources
from aiecon.errors import InputError
from aiecon.ingestion import cells, engine
from aiecon.ingestion.claim_checks import CHECKS
from aiecon.ingestion.claim_tables import Tables
from aiecon.vocabulary import claims
from aiecon.vocabulary.claims import Claim, Evidence
from aiecon.vocabulary.strict import nearest

FILE = "data/claims.csv"
ALL = "all"


def read_claims() -> tuple[Claim, ...]:
    """Return the shipped claims, `tables_say` computed from the shipped tables.

    Examples
    --------
    >>> next(claim for claim in read_claims() if claim.id == "S3-09").verdicts
    ('UNIT',)
    """
    return tuple(_claim(row) for row in _rows().to_dict("records"))


def _claim(row: Mapping[Any, str]) -> Claim:
    said, evidence = _said(row["check"])
    return Claim(
        id=row["id"],
        claim=row["claim"],
        figure=row["figure"],
        unit=row["unit"],
        verdicts=claims.verdicts(row["verdict"]),
        quoted=int(row["quoted"] or 0),
        tables_say=said,
        evidence=evidence,
        source=row["source"],
        note=row["note"],
    )


@cache
def _said(check: str) -> tuple[str, tuple[Evidence, ...]]:
    """What the tables say to a claim, and from which of their rows."""
    if not check:
        return "", ()
    tables = Tables()
    return CHECKS[check](tables), tables.evidence()


def find(about: str | None = None) -> list[Claim]:
    """Return the claims with an id or a word; ALL of them with "all"; without either the most quoted, in their order.

    Raises
    ------
    InputError
        When no claim has the id or the word.
    """
    every = read_claims()
    if about is None:
        return sorted((claim for claim in every if claim.quoted), key=lambda claim: claim.quoted)
    if about.lower() == ALL:
        return list(every)
    word = about.lower()
    by_id = [claim for claim in every if claim.id.lower() == word]
    found = by_id or [claim for claim in every if word.strip() and word in _text(claim)]
    if not found:
        ids = ", ".join(claim.id for claim in every)
        raise InputError(f"no claim has {about!r}; say a word of a claim, {ALL}, or an id ({ids})")
    return found


def _text(claim: Claim) -> str:
    return " ".join((claim.claim, claim.figure, claim.unit, claim.tables_say, claim.note)).lower()


def _rows() -> pd.DataFrame:
    """The rows of claims.csv; FrameError names a check that does not exist."""
    frame, problems = cells.read(resources.path(FILE), name="claims.csv")
    frame = claims.check(frame, name="claims.csv")
    engine.refuse([*problems, *_unknown(frame, name="claims.csv")])
    return frame


def computed() -> pd.DataFrame:
    """Return the rows of claims.csv with `tables_say` computed from the tables."""
    frame = _rows()
    return frame.assign(tables_say=[_said(name)[0] for name in frame["check"]])


def check(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the claims of a table as vocabulary's `claims.check` does, `tables_say` held against what is computed."""
    text = claims.check(frame, name=name)
    other = [
        f"{name}: row {row}: 'tables_say' is not what check '{known}' computes; run python -m aiecon.ingestion.claims"
        for row, known, said in zip(text.index, text["check"], text["tables_say"], strict=True)
        if known in CHECKS and said != _said(known)[0]
    ]
    engine.refuse([*_unknown(text, name=name), *other])
    return text


def _unknown(frame: pd.DataFrame, *, name: str) -> list[str]:
    return [
        f"{name}: row {row}: check {known!r} is not known{nearest(known, list(CHECKS))}"
        for row, known in frame["check"].items()
        if known and known not in CHECKS
    ]


if __name__ == "__main__":
    computed().to_csv(resources.path(FILE), index=False, lineterminator="\n")
