"""The chart of a what-if says its ends as they are counted."""

import pandas as pd

from aiecon.charts.what_if import what_if_chart


def title(low, high, unit):
    rows = pd.DataFrame({"place": [1.0, 2.0], "value": [low, high], "now": [True, False], "told": [True, True]})
    return what_if_chart(rows, figure="Figure", unit=unit, control="control").to_dict()["title"]["text"]


def test_whole_figures_are_told_without_a_decimal_point():
    assert title(40.0, 35, "units") == "Figure: 40 units to 35 units"
    assert title(0.125, 4_321.0, "USD") == "Figure: 0.125 USD to 4,321 USD"
    assert title(0.5, 1.0, "share") == "Figure: 50.0 % to 100.0 %"
