"""How two uncertain inputs move together: one row {a, b, rank} or {a, b, pearson} for each pair that is not apart."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from aiecon.vocabulary.strict import Strict


class Correlation(Strict):
    """The correlation of two uncertain inputs, by their dotted names: of ranks (Spearman) or of values (Pearson).

    Examples
    --------
    >>> Correlation(a="usage.users", b="usage.requests_per_user", rank=0.4).value
    0.4
    """

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("rank", "pearson"),)

    a: str = Field(min_length=1, description="dotted name of an uncertain input")
    b: str = Field(min_length=1, description="dotted name of another")
    rank: float | None = Field(default=None, ge=-1, le=1, description="Spearman's correlation, of ranks")
    pearson: float | None = Field(default=None, ge=-1, le=1, description="Pearson's correlation, of values")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.a == self.b:
            raise ValueError(f"a and b must be two inputs, got {self.a} twice")
        return self

    @property
    def value(self) -> float:
        """The correlation asked for, of whichever kind."""
        return float(self.pearson if self.rank is None else self.rank)  # type: ignore[arg-type]  # one of them is given
