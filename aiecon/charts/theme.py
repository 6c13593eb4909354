"""Colours, fonts and notation of every chart, after the International Business Communication Standards (IBCS).

Actual is solid dark, forecast hatched or dashed, budget an outline without fill, a range a band. Colours are read
without hue: dark, light and pattern carry the meaning, in grey print too.
"""

from typing import Any

import altair as alt

ACTUAL = "#2f3437"
PREVIOUS = "#a9afb3"
BUDGET = "#2f3437"
FORECAST = "#2f3437"
RANGE = "#1f5f99"
BAND_80 = "#9fb3c8"
BAND_95 = "#d5dee8"
GOOD = "#2e7d4f"
BAD = "#b3402f"
PAPER = "#ffffff"
FONT = "Source Sans Pro, sans-serif"
WIDTH, HEIGHT = 640, 260

_STRIPES = 14


def hatch() -> dict[str, Any]:
    """Diagonal stripes, the mark of a forecast bar, as a gradient with hard stops."""
    stops = []
    for stripe in range(_STRIPES):
        start, middle, end = stripe / _STRIPES, (stripe + 0.45) / _STRIPES, (stripe + 1) / _STRIPES
        stops += [{"offset": start, "color": FORECAST}, {"offset": middle, "color": FORECAST}]
        stops += [{"offset": middle, "color": PAPER}, {"offset": end, "color": PAPER}]
    return {"gradient": "linear", "x1": 0, "y1": 0, "x2": 1, "y2": 1, "stops": stops}


def styled(chart: Any, *, title: str, subtitle: str, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """A chart with aiecon's title, sizes, fonts and axes."""
    return (
        chart.properties(
            width=width,
            height=height,
            title=alt.TitleParams(
                title, subtitle=subtitle, anchor="start", fontSize=14, subtitleFontSize=11, offset=12
            ),
            background=PAPER,
            padding=6,
        )
        .configure(font=FONT)
        .configure_axis(
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            grid=False,
            domainColor="#888",
            tickColor="#888",
            labelColor="#333",
            titleColor="#333",
        )
        .configure_view(stroke=None)
        .configure_title(fontWeight=600, subtitleColor="#444")
    )
