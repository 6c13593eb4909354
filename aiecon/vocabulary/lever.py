"""A lever: something that saves a part of a cost, from a month on, for an effort."""

from pydantic import Field

from aiecon.vocabulary.distribution import uncertain
from aiecon.vocabulary.strict import Many, Strict

ALL = "all"


class Lever(Strict):
    """A saving on a part, a layer or everything; savings on one thing multiply.

    Examples
    --------
    >>> Lever(name="prompt caching", applies_to="large", saving=0.3).reaches("large", "model")
    True
    """

    name: str = Field(min_length=1, description="what it is called")
    applies_to: str | Many[str] = Field(
        min_length=1, description="name of a tier or component, a layer, a list of them, or all"
    )
    saving: uncertain(ge=0, le=1) = Field(description="of what it applies to [share]")  # type: ignore[valid-type]
    from_month: int = Field(default=1, ge=1, description="month it works from")
    effort_cost: uncertain(ge=0) = Field(default=0.0, description="once, to put it to work [currency]")  # type: ignore[valid-type]

    @property
    def targets(self) -> tuple[str, ...]:
        """What it applies to, as a list."""
        return (self.applies_to,) if isinstance(self.applies_to, str) else self.applies_to

    def reaches(self, *names: str) -> bool:
        """Whether it applies to something that goes by any of these names."""
        return ALL in self.targets or any(name in self.targets for name in names)
