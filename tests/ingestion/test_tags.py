"""Tags say whose a charge is where no column does: read directly, and on load."""

import json

import duckdb
import pandas as pd
import pytest

from aiecon.cli import loading
from aiecon.ingestion import store, tags
from aiecon.ingestion.focus import NOT_SAID, read_daily_spend
from aiecon.ingestion.review import read_review
from aiecon.ingestion.seat_usage import read_seat_usage
from aiecon.models.seats import SeatsInputs
from aiecon.models.spend_forecast import SpendForecastInputs
from aiecon.models.spend_review import SpendReviewInputs

SAID = [
    '{"Owner-Team": "search", "CostCenter": "cc-1", "squad": "red"}',
    '"team": "search", "env": "prod"',  # as Azure writes it
    '[{"key": "team", "value": "support"}]',  # as Google does
    '{"user_team": "support", "team": " "}',  # as AWS does
    "{broken",
    None,
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def charges(said=SAID, **columns):
    days = pd.date_range("2026-01-01", periods=len(said))
    frame = pd.DataFrame({"ChargePeriodStart": days, "ChargePeriodEnd": days + pd.Timedelta(days=1)})
    return frame.assign(BillingCurrency="USD", BilledCost=1.0, Tags=said, ProviderName="AWS", **columns)


def written(frame, kind):
    if kind == "csv":
        frame.to_csv("bill.csv", index=False)
    else:
        frame.to_parquet("bill.parquet")
    return f"bill.{kind}"


def review(path, **asked):
    inputs = SpendReviewInputs(spend=path, period="2026-01", as_of="2026-01-31", **asked)
    return read_review(inputs.spend, inputs)


def cost_by(table, column):
    return table.frame.groupby(column)["billed"].sum().to_dict()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_team_is_read_from_the_tags_of_each_vendor_and_said_to_be(here, kind):
    table = review(written(charges(), kind))
    assert cost_by(table, "x_Team") == {"search": 2, "support": 2, NOT_SAID: 2}
    assert cost_by(table, "x_CostCentre") == {"cc-1": 1, NOT_SAID: 5}
    fed, broken = table.facts["notes"][:2]
    assert "x_Team from team in 2, x_Team from user_team in 1, x_Team from Owner-Team in 1" in fed
    assert "x_CostCentre from CostCenter in 1" in fed
    assert broken == "Tags that are no JSON map, in row 6, count as none"


def test_maps_of_parquet_are_tags_too(here):
    frame = charges().drop(columns="Tags")  # noqa: F841 (read by DuckDB)
    duckdb.sql("COPY (SELECT *, MAP {'team': 'search'} AS Tags FROM frame) TO 'bill.parquet'")
    assert cost_by(review("bill.parquet"), "x_Team") == {"search": 6}


def test_a_column_of_the_file_stands_before_its_tags(here):
    table = review(written(charges(x_Team="legal"), "csv"))
    assert cost_by(table, "x_Team") == {"legal": 6}
    assert cost_by(table, "x_Environment") == {"prod": 1, NOT_SAID: 5}


def test_an_input_names_a_key_as_dimension_filter_or_required_tag(here):
    path = written(charges(), "parquet")
    assert cost_by(review(path, dimension="Tags.squad"), "Tags.squad") == {"red": 1, NOT_SAID: 5}
    assert review(path, where={"Tags.squad": "red"}).frame["billed"].sum() == 1
    assert cost_by(review(path, required_tags=["squad"]), "squad") == {"red": 1, NOT_SAID: 5}


def test_a_forecast_is_grouped_and_people_are_counted_by_tags(here):
    path = written(charges(['{"team": "a", "user": "ann"}'] * 31 + ['{"team": "b"}'] * 28), "parquet")
    inputs = SpendForecastInputs(spend=path, group_by=["x_Team"])
    assert set(read_daily_spend(inputs.spend, inputs).frame["series"]) == {"a", "b"}
    seats = SeatsInputs(usage={"file": path}, plans=[{"name": "p", "price_per_seat_month": 1, "overage_factor": 0}])
    assert read_seat_usage(seats.usage.file, seats).frame["user"].tolist() == ["ann"]


def test_on_load_tags_fill_what_is_empty_and_leave_what_is_not(here):
    path = written(charges(x_Team=["mine", "", None, None, None, None]), "csv")
    made = store.load([path], to="store")
    frame = pd.read_parquet(*(here / "store").rglob("*.parquet")).sort_values("ChargePeriodStart")
    assert frame["x_Team"].fillna("").tolist() == ["mine", "search", "support", "support", "", ""]
    assert json.loads(frame["Tags"].iloc[0])["squad"] == "red"
    assert made.notes[0].startswith(f"{path}: ")
    assert "x_Environment from env in 1" in made.notes[0]
    assert "row 6" in made.notes[1]
    lines = list(loading.lines(made, to="store"))
    assert any(line.startswith(f"Note: {path}: ") for line in lines)
    assert max(map(len, lines)) <= 80


def test_a_mapping_names_the_key(here):
    (here / "my.toml").write_text(
        'name = "mine"\n[columns]\nBilledCost = "cost"\nChargePeriodStart = "day"\nx_Team = "labels.squad"\n'
        'x_Product = "Tags.squad"\nTags = "labels"\n[constants]\nBillingCurrency = "USD"\nProviderName = "Ours"\n'
    )
    rows = pd.DataFrame({"cost": [1, 2, 3], "day": "2026-01-01", "labels": ['{"squad": "red"}', "{broken", None]})
    rows.to_csv("bill.csv", index=False)
    store.load(["my.toml:bill.csv"], to="store")
    frame = pd.read_parquet(*(here / "store").rglob("*.parquet")).sort_values("BilledCost")
    assert frame["x_Team"].fillna("").tolist() == frame["x_Product"].fillna("").tolist() == ["red", "", ""]


def test_a_key_with_quotes_is_no_harm(here):
    said = [json.dumps({"it's": "a", 'a"b': "c", "team": "x'y"})]
    assert cost_by(review(written(charges(said), "csv"), required_tags=["it's"]), "it's") == {"a": 1}


def test_keys_are_known_whatever_their_capitals_and_separators():
    found = tags.Found({"TEAM_NAME": 1, "cost center": 1, "steam": 1, "user_environment": 1})
    assert [found.feeding(name) for name in ("x_Team", "x_CostCentre", "x_Environment", "x_User")] == [
        ["TEAM_NAME"],
        ["cost center"],
        ["user_environment"],
        [],
    ]
