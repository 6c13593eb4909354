"""The shipped tables as a claim's check reads them: the rows it uses are kept, so its sentence can be walked back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

import pandas as pd

from aiecon import resources
from aiecon.vocabulary.claims import Evidence
from aiecon.vocabulary.tables import FIRST_ROW

_SOURCES_SHOWN = 2


@dataclass(eq=False)
class Tables:
    """The shipped tables, with what was read of them."""

    _used: dict[str, set[int]] = field(default_factory=dict)

    def rows(self, table: str, keep: "pd.Series | None" = None, /, **equal: str) -> pd.DataFrame:
        """Return the rows of a table that a mask keeps and whose columns equal the given values; they count as used."""
        found = _table(table)
        found = found if keep is None else found[keep.reindex(found.index, fill_value=False)]
        for column, value in equal.items():
            found = found[found[column] == value]
        self.use(table, found.index)
        return found

    def all(self, table: str) -> pd.DataFrame:
        """Return a whole table, to choose from; say with `use` which rows were."""
        return _table(table)

    def use(self, table: str, rows: Iterable[int]) -> None:
        """Count rows of a table as used."""
        self._used.setdefault(table, set()).update(int(row) for row in rows)

    def price(self, provider: str, model: str, column: str = "input_per_mtok") -> float:
        """Return the latest recorded price. [currency/Mtok]"""
        rows = self.all("prices/token_prices")
        rows = rows[(rows["provider"] == provider) & (rows["model"] == model)].sort_values("effective_from")
        self.use("prices/token_prices", rows.index[-1:])
        return float(rows[column].iloc[-1])

    def evidence(self) -> tuple[Evidence, ...]:
        """Every row that was used, table by table."""
        return tuple(
            Evidence(f"data/{table}.csv", row, str(said["source"]), str(said["retrieved_on"])[:10])
            for table, rows in self._used.items()
            for row in sorted(rows)
            for said in [_table(table).loc[row]]
        )


@cache
def _table(name: str) -> pd.DataFrame:
    frame = pd.read_csv(resources.path(f"data/{name}.csv"))
    return frame.set_axis(pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(frame)))


def words(evidence: Sequence[Evidence]) -> Iterator[str]:
    """One line a table: its rows, the sources most of them have and the days they were read.

    Examples
    --------
    >>> list(words([Evidence("data/seats/seat_plans.csv", row, "vendor page", "2026-06-01") for row in (2, 3, 4, 9)]))
    ['data/seats/seat_plans.csv rows 2 to 4, 9: vendor page, read 2026-06-01']
    """
    for file, group in groupby(evidence, key=lambda one: one.file):
        rows = list(group)
        sources = list(pd.Series([one.source for one in rows]).value_counts().index)
        others = f"; {len(sources) - _SOURCES_SHOWN} other sources" if len(sources) > _SOURCES_SHOWN else ""
        days = sorted({one.retrieved_on for one in rows})
        read = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        said = "; ".join(sources[:_SOURCES_SHOWN]) + others
        yield f"{file} row{'s' if len(rows) > 1 else ''} {_spans([one.row for one in rows])}: {said}, read {read}"


def _spans(rows: Sequence[int]) -> str:
    """Row numbers with neighbours joined: 2 to 4, 9."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][-1] + 1:
            spans[-1].append(row)
        else:
            spans.append([row])
    return ", ".join(f"{span[0]} to {span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans)
