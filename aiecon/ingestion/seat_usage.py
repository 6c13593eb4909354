"""Use of each person by month: a file of {user, month?, spend}, or FOCUS charges that name people in x_User."""

from datetime import date
from typing import Any

import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine, frames, tags
from aiecon.ingestion.engine import Opened
from aiecon.ingestion.focus import EXACT, last_complete_day, typed_charges
from aiecon.ingestion.frames import Column
from aiecon.vocabulary.source import Source, Table

USER = "x_User"
_COSTS = ("EffectiveCost", "BilledCost")  # the first that a file has is read
_KINDS = {"ChargeCategory": "Usage", "x_Layer": "model"}  # charges that are use of a model, where a file tells
_TOLD = {
    "ChargeCategory": "use from purchases, taxes and credits; all charges of a person count as use",
    "x_Layer": "use of models from seats and other services; all use counts as of models",
}
_LATE = 4  # day of its month up to which a file may begin that has the whole month: a long weekend
_MOST = 1e12  # [currency/month], above which spend is a slip
_SPEND = Column("spend", "amount", at_least=0, at_most=_MOST)
_COLUMNS = Column("user", "text"), Column("month", "month", is_needed=False), _SPEND
_CHECK = frames.every(frames.doubled("user", "month"), frames.unbroken("month"))


@engine.reader
def read_seat_usage(source: Source, inputs: Any) -> Table:
    """Read the use of people; charges are summed by x_User and whole month.

    Charges that name nobody, and those that are no use of a model (seats, taxes, credits, other layers), are left out
    and said to be; so is a first month of which the file lacks the beginning.

    Returns
    -------
    Table
        frame: user, month (where the file has one), spend [currency/month]; facts: as_of, and `notes` on charges.
    """
    opened, tagged = tags.told(engine.open_file(source))
    if USER not in opened.columns and "ChargePeriodStart" in opened.columns:
        raise InputError(
            f"{opened.name}: charges without a column {USER}, which names the person of each; add it, or give a "
            "file of user, month and spend"
        )
    if USER not in opened.columns:
        return frames.read_columns(source, _COLUMNS, check=_CHECK, as_of=getattr(inputs, "as_of", None))
    cost = next((name for name in _COSTS if name in opened.columns), _COSTS[0])
    needed = [cost, "ChargePeriodStart", "ChargePeriodEnd", USER]
    problems = engine.missing_columns(opened, needed)
    kinds = [name for name in _KINDS if name in opened.columns]
    opened = opened.narrowed([*needed, *kinds, "BillingCurrency"])
    charges, rules = typed_charges(opened, cost)
    engine.refuse([*problems, *engine.check(opened, rules), *_currency_problems(opened, inputs.currency)])
    charges = engine.settled(charges.mutate(day=charges["__start"].date(), value=charges["__cost"].cast(EXACT)), opened)
    end = _last_month_end(inputs.as_of or last_complete_day(opened, charges))
    charges = charges.filter(charges.day <= end)
    whole = float(engine.row(charges, value=charges.value.sum())["value"] or 0)
    used = charges
    for name in kinds:
        used = used.filter(~used[name].notnull() | (used[name] == _KINDS[name]))
    frame, begins = _from_whole_month(_by_user(used), engine.row(used, day=used.day.min())["day"])
    if frame["user"].isna().all():
        raise InputError(f"{opened.name}: no charge of a whole month up to {end} names a person in {USER}")
    other = whole - float(engine.row(used, value=used.value.sum())["value"] or 0)
    nobody = float(frame.loc[frame["user"].isna(), "spend"].sum())
    named = frame.dropna(subset="user").reset_index(drop=True)
    engine.refuse([*_credit_problems(opened, named), *frames.unbroken("month")(opened.name, named)])
    absent = [f"Without {name} a file does not tell {what}" for name, what in _TOLD.items() if name not in kinds]
    notes = [*tagged, *absent, *_notes(cost, nobody, float(frame["spend"].sum())), *_other_words(other, whole), *begins]
    facts = {"columns": tuple(named), "as_of": end, "left_out": 0, "notes": notes}
    return Table(named, engine.digest(opened.path), opened.rows, facts)


def _from_whole_month(frame: pd.DataFrame, first: date | None) -> tuple[pd.DataFrame, list[str]]:
    """Use from the first month on that the file has from its beginning, and what is left out for it."""
    if first is None or first.day <= _LATE or frame["month"].nunique() < 2:
        return frame, []
    start = frame["month"].min()
    said = f"Charges begin on {first}: {start:%Y-%m} is no whole month and is left out"
    return frame[frame["month"] > start].reset_index(drop=True), [said]


def _other_words(other: float, whole: float) -> list[str]:
    """What is left out since it is no use of a model."""
    if not round(other, 2):
        return []
    share = f" ({other / whole * 100:.1f} % of the cost)" if whole > 0 else ""
    return [f"Charges of {other:,.2f}{share} are no use of a model (seats, taxes, credits, other layers) and left out"]


def _last_month_end(day: date) -> date:
    """The last end of a month on or before a day."""
    ended: pd.Timestamp = pd.Timestamp(day) + pd.Timedelta(days=1) - pd.offsets.MonthEnd(1)
    return ended.date()


def _by_user(charges: Any) -> pd.DataFrame:
    """Sums by person and month: user (missing where nobody is named), month, spend."""
    user = charges[USER].cast("string").strip().nullif("")
    rows = charges.mutate(user=user, month=charges.day.truncate("M"))
    frame: pd.DataFrame = rows.group_by(["user", "month"]).aggregate(spend=rows.value.sum().cast("float64")).to_pandas()
    frame = frame.assign(month=pd.to_datetime(frame["month"]))
    return frame.sort_values(["month", "user"], ignore_index=True)


def _currency_problems(opened: Opened, currency: str | None) -> list[str]:
    """Refuse charges of several currencies, or of another than the plans'."""
    if "BillingCurrency" not in opened.columns:
        return []
    found = sorted(opened.table.select("BillingCurrency").distinct().to_pandas()["BillingCurrency"].dropna())
    if len(found) > 1:
        return [f"{opened.name}: column 'BillingCurrency' mixes {', '.join(found)}; one currency is expected"]
    if found and currency and found != [currency]:
        return [
            f"{opened.name} is billed in {found[0]} and the plans are priced in {currency}; set currency and prices"
        ]
    return []


def _credit_problems(opened: Opened, named: pd.DataFrame) -> list[str]:
    below = named[named["spend"] < 0]
    if below.empty:
        return []
    first = below.iloc[0]
    return [
        f"{opened.name}: the charges of {first['user']!r} in {first['month']:%Y-%m} sum to {first['spend']:.2f}; zero "
        f"or more is expected: leave credits out ({len(below):,} such months)"
    ]


def _notes(cost: str, nobody: float, whole: float) -> list[str]:
    notes = [f"Use is {cost} by {USER} and whole month of charge"]
    if nobody:
        share = nobody / whole * 100 if whole else 0.0
        notes.append(f"{share:.1f} % of the cost names no person and is left out")
    return notes
