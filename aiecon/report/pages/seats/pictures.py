"""The page's charts with the words that stand for them; none where there is nothing to see."""

from aiecon.charts import seats as charts
from aiecon.charts.formats import money, percent
from aiecon.charts.seat_words import count_of, people_of
from aiecon.models.seats import Seats
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.seats.signing import numbers_words


def people_picture(answer: Seats) -> Block:
    """Who uses how much, and who gets which plan."""
    held = ", ".join(f"{name} {count_of(count)}" for name, count in answer.allocation.holders.items())
    said = f"Use of {people_of(answer.people.count)}, heaviest first; people by plan: {held or 'none'}."
    return blocks.chart(charts.seats_chart(answer), alt=said)


def cost_picture(answer: Seats) -> Block:
    """Cost by number of seats."""
    said = (
        f"Cost a month: all at API prices {money(answer.all_api_cost, answer.currency)}, all in the cheapest plan "
        f"{money(answer.all_seats_cost, answer.currency)}, cheapest {money(answer.allocation.cost, answer.currency)} "
        f"with {count_of(answer.allocation.total_seats)} seats."
    )
    return blocks.chart(charts.seat_cost_chart(answer), alt=said)


def lorenz_picture(answer: Seats) -> Block:
    """How uneven use is."""
    share, gini = answer.people.top_share(0.1), answer.people.gini
    if share is None or gini is None:
        return blocks.nothing()
    said = f"Lorenz curve of use: the heaviest tenth make {percent(share)}; Gini {gini:.2f}."
    return blocks.chart(charts.lorenz_chart(answer), alt=said)


def signing_picture(answer: Seats) -> Block:
    """What holding each number of seats costs when use moves."""
    if answer.signing is None:
        return blocks.nothing()
    return blocks.chart(charts.signing_chart(answer), alt=numbers_words(answer))
