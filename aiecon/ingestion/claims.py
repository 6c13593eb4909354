"""The disputed claims, each beside what the shipped price tables say; every figure is computed from the tables.

When a table changes, the column `tables_say` of data/claims.csv is written anew by

    python -m aiecon.ingestion.claims
"""

import pandas as pd

from aiecon import resources
from aiecon.errors import InputError
from aiecon.ingestion import cells, engine
from aiecon.ingestion.claim_checks import CHECKS
from aiecon.vocabulary import claims
from aiecon.vocabulary.claims import Claim
from aiecon.vocabulary.strict import nearest

FILE = "data/claims.csv"


def read_claims() -> tuple[Claim, ...]:
    """Return the shipped claims, `tables_say` computed from the shipped tables.

    Examples
    --------
    >>> next(claim for claim in read_claims() if claim.id == "S3-09").verdicts
    ('UNIT',)
    """
    return tuple(
        Claim(
            id=row["id"],
            claim=row["claim"],
            figure=row["figure"],
            unit=row["unit"],
            verdicts=claims.verdicts(row["verdict"]),
            tables_say=row["tables_say"],
            source=row["source"],
            note=row["note"],
        )
        for row in computed().to_dict("records")
    )


def find(about: str | None = None) -> list[Claim]:
    """Return the claims with an id, or with a word in the claim; without either those that the tables can answer.

    Raises
    ------
    InputError
        When no claim has the id or the word.
    """
    every = read_claims()
    if about is None:
        return [claim for claim in every if claim.tables_say]
    by_id = [claim for claim in every if claim.id.lower() == about.lower()]
    found = by_id or [claim for claim in every if about.lower() in claim.claim.lower()]
    if not found:
        raise InputError(f"no claim has {about!r} (ids: {', '.join(claim.id for claim in every)})")
    return found


def computed() -> pd.DataFrame:
    """Return the rows of claims.csv with `tables_say` computed; FrameError names a check that does not exist."""
    frame, problems = cells.read(resources.path(FILE), name="claims.csv")
    frame = claims.check(frame, name="claims.csv")
    engine.refuse([*problems, *_unknown(frame, name="claims.csv")])
    return frame.assign(tables_say=[CHECKS[name]() if name else "" for name in frame["check"]])


def check(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the claims of a table as vocabulary's `claims.check` does, `tables_say` held against what is computed."""
    text = claims.check(frame, name=name)
    other = [
        f"{name}: row {row}: 'tables_say' is not what check '{known}' computes; run python -m aiecon.ingestion.claims"
        for row, known, said in zip(text.index, text["check"], text["tables_say"], strict=True)
        if known in CHECKS and said != CHECKS[known]()
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
