import pandas as pd

from aiecon.ingestion import staleness

KEY = ("provider", "model")


def frame(*records):
    return pd.DataFrame([{"provider": "p", "model": "m", **record} for record in records]).set_axis(
        range(2, 2 + len(records))
    )


def test_of_rows_with_one_key_only_the_newest_can_be_stale():
    seen = staleness.last_seen(frame({"retrieved_on": "2025-03-31"}, {"retrieved_on": "2026-05-21"}), KEY)
    assert seen.index.tolist() == [3]


def test_rows_of_one_key_read_on_one_day_all_hold():
    seen = staleness.last_seen(frame(*({"retrieved_on": "2025-03-31"} for _ in range(3))), KEY)
    assert seen.index.tolist() == [2, 3, 4]


def test_stale_rows_come_in_the_order_of_the_rows_and_are_all_there_when_asked():
    days = ("2025-03-01", "2025-02-01", "2026-01-01", "2025-01-01")
    rows = frame(*({"model": f"m{place}", "retrieved_on": day} for place, day in enumerate(days)))
    seen, limit = staleness.last_seen(rows, KEY), pd.Timestamp("2025-06-01")
    day = {"limit": limit, "days": pd.Timedelta(days=31)}
    lines = staleness.words(rows, seen, KEY, **day, most=None)
    assert [line.split(":")[0] for line in lines] == ["row 2", "row 3", "row 5"]
    assert lines[0] == "row 2: p/m0 was last seen on 2025-03-01, before 2025-06-01"
    assert staleness.words(rows, seen, KEY, **day, most=1)[1:] == [
        "2 more rows were last seen before 2025-06-01; check this file alone with --as-of 2025-07-02 to see them all"
    ]
