"""How figures are written: three significant figures in headlines, the unit said once, percentages with a space."""

import math
import re

HUGE = 1e15  # from here on a number is written by its power of ten
_WORDS = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def scale_of(largest: float) -> tuple[float, str]:
    """The divisor and its word that keep figures of this size short.

    Examples
    --------
    >>> scale_of(1_840_000)
    (1000000.0, 'million')
    """
    if abs(largest) >= HUGE:
        return 1.0, ""
    return next(((size, word) for size, word in _WORDS if abs(largest) >= size), (1.0, ""))


def unit_of(largest: float, currency: str) -> str:
    """The unit for a title: 'thousand USD'."""
    return f"{scale_of(largest)[1]} {currency}".strip()


_SMALL = 100.0  # a whole whose parts are told in cents


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant figures and thousands separated.

    Examples
    --------
    >>> significant(474.4201), significant(1.8449), significant(12345.6), significant(99.97), significant(0)
    ('474', '1.84', '12,346', '100', '0')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    if abs(value) >= HUGE:
        return _powers(value, digits)
    rounded = float(f"{value:.{digits}g}")  # 99.97 has three figures as 100, not as 100.0
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{value:,.{places}f}".replace("-", "−")


def money(value: float, currency: str = "", *, like: float | None = None) -> str:
    """An amount in words: '474 thousand USD'; `like` fixes the scale by another amount.

    Examples
    --------
    >>> money(1_840_000, "USD"), money(5028.03, "USD"), money(74_000, like=1e6)
    ('1.84 million USD', '5.03 thousand USD', '0.0740 million')
    """
    size, word = scale_of(value if like is None else like)
    return f"{significant(value / size)} {word} {currency}".replace("  ", " ").strip()


def full(value: float, whole: float = math.inf) -> str:
    """An amount in whole units, or in cents as a part of so small a whole; zero is a dash.

    Examples
    --------
    >>> full(474_420.4), full(4.126), full(4.126, 22.4), full(0.001, 22.4)
    ('474,420', '4', '4.13', '–')
    """
    if abs(value) >= HUGE:
        return _powers(value)
    places = _places(whole)
    return "–" if round(value, places) == 0 else f"{value:,.{places}f}".replace("-", "−")


def signed(value: float, whole: float = math.inf) -> str:
    """A difference as `full` has it, with its sign."""
    places = _places(whole)
    return "–" if round(value, places) == 0 else f"{value:+,.{places}f}".replace("-", "−")


def _places(whole: float) -> int:
    """Decimals of a part of a whole."""
    return 2 if abs(whole) < _SMALL else 0


def _powers(value: float, digits: int = 3) -> str:
    """A number too long to read, by its power of ten: '1.00e+300'."""
    return f"{value:.{digits - 1}e}".replace("-", "−")


def exact_percent(share: float) -> str:
    """A share that somebody gave, with the digits it was given with: '97.46 %', '85 %'."""
    return f"{100 * share:.6g} %"


def percent(share: float, places: int = 1) -> str:
    """A share as a percentage: '59.1 %'."""
    return f"{_no_minus_zero(share * 100, places):.{places}f} %".replace("-", "−")


def signed_percent(share: float, places: int = 1) -> str:
    """A change as a percentage with its sign: '+8.6 %'."""
    return ("+" if _no_minus_zero(share * 100, places) > 0 else "") + percent(share, places)


def probability(share: float) -> str:
    """A probability in whole per cent, never rounded to a certainty it does not have.

    Examples
    --------
    >>> probability(0.596), probability(0.002), probability(0.9999), probability(1.0)
    ('60 %', 'below 1 %', 'above 99 %', '100 %')
    """
    if 0 < share <= 0.005:
        return "below 1 %"
    return "above 99 %" if 0.995 <= share < 1 else percent(share, 0)


def unbroken(words: str) -> str:
    """Words whose figures stay on one line with their per cent sign."""
    return re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", words)


def _no_minus_zero(value: float, places: int) -> float:
    return 0.0 if round(value, places) == 0 else value
