"""The shipped tables as a claim's check reads them: the rows it uses are kept, so its sentence can be walked back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from aiecon import resources
from aiecon.vocabulary.tables import FIRST_ROW

_ROWS_SHOWN = 6
_SOURCES_SHOWN = 2


@dataclass(frozen=True)
class Evidence:
    """Rows of one table that a sentence rests on, as a spreadsheet numbers them, who said them and when read."""

    table: str
    rows: tuple[int, ...]
    sources: tuple[str, ...]
    read_from: str
    read_to: str

    def words(self) -> str:
        """Table, rows, sources and days in one line.

        Examples
        --------
        >>> Evidence("seats/seat_plans.csv", (2,), ("vendor page",), "2026-06-01", "2026-06-01").words()
        'data/seats/seat_plans.csv row 2: vendor page, read 2026-06-01'
        """
        shown = ", ".join(map(str, self.rows[:_ROWS_SHOWN]))
        more = f" and {len(self.rows) - _ROWS_SHOWN} more" if len(self.rows) > _ROWS_SHOWN else ""
        others = len(self.sources) - _SOURCES_SHOWN
        said = "; ".join(self.sources[:_SOURCES_SHOWN]) + (f"; {others} other sources" if others > 0 else "")
        days = self.read_from if self.read_from == self.read_to else f"{self.read_from} to {self.read_to}"
        return f"data/{self.table} row{'s' if len(self.rows) > 1 else ''} {shown}{more}: {said}, read {days}"


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
        """What was used, table by table."""
        return tuple(_evidence(table, sorted(rows)) for table, rows in self._used.items() if rows)


@cache
def _table(name: str) -> pd.DataFrame:
    frame = pd.read_csv(resources.path(f"data/{name}.csv"))
    return frame.set_axis(pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(frame)))


def _evidence(table: str, rows: list[int]) -> Evidence:
    frame = _table(table).loc[rows]
    days = frame["retrieved_on"].dropna().astype(str)
    sources = tuple(frame["source"].value_counts(sort=True).index)
    return Evidence(f"{table}.csv", tuple(rows), sources, days.min(), days.max())
