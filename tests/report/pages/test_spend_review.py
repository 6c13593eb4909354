"""The words of the review's page: every verdict, no owner, no outcomes, nothing before it, a period not over."""

import pandas as pd
import pytest

import aiecon
from aiecon.report.pages import spend_review as page

PARTS = [
    "headline",
    "figures",
    "bridge_picture",
    "decision",
    "who",
    "unit_economics",
    "unit_costs_picture",
    "attribution_picture",
    "why",
    "models",
    "layers",
    "phantom_picture",
    "phantom",
    "stands_out",
    "method",
]
ROWS = [
    ("2025-10-01", "a", "case", "m", 10**6, 2_000, 10.0),
    ("2026-01-15", "a", "case", "m", 10**6, 2_000, 12.0),
    ("2026-03-31", "b", "case", "m", 10**6, 2_000, 8.0),
]
COLUMNS = ["day", "x_Team", "x_UseCase", "x_ModelId", "x_InputTokens", "x_Requests", "BilledCost"]


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("spend_review")


@pytest.fixture
def ask(tmp_path):
    def asked(rows=ROWS, *, without=(), outcomes=None, **fields):
        frame = pd.DataFrame(rows, columns=COLUMNS)
        start = pd.to_datetime(frame.pop("day"))
        frame = frame.assign(
            BillingCurrency="EUR", ChargePeriodStart=start, ChargePeriodEnd=start + pd.Timedelta(days=1)
        )
        frame.drop(columns=list(without)).to_parquet(tmp_path / "bill.parquet")
        if outcomes:
            table = pd.DataFrame(outcomes, columns=["date", "use_case", "outcome", "count", "value"])
            table.to_csv(tmp_path / "outcomes.csv", index=False)
            fields["outcomes"] = str(tmp_path / "outcomes.csv")
        return aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "bill.parquet"), **fields})

    return asked


def said(block):
    return block.html.replace("\N{NO-BREAK SPACE}", " ")


def test_the_sample_in_one_sentence(sample):
    assert page.sentence(sample) == (
        "Q1 2026 cost 471 thousand USD, 2.7 % more than Q4 2025; 96.4 % of it has a team, and “Inquiry resolved” costs "
        "0.133 USD each by its own charges."
    )
    assert page.is_synthetic(sample)
    assert "Synthetic data" in said(page.headline(sample))


def test_a_use_case_worth_less_than_it_costs_is_watched_and_asked_about(sample):
    assert page.verdict(sample) == "watch"
    assert "Decide whether “Study finished” goes on" in said(page.decision(sample))
    row = sample.unit_economics.set_index("use_case").loc["Study finished"]
    assert f"{row['cost_per_outcome']:.0f} USD each" in said(page.decision(sample))


def test_a_bill_that_is_owned_and_even_is_on_course(ask):
    answer = ask()
    assert page.verdict(answer) == "fine"
    assert page.sentence(answer) == (
        "Q1 2026 cost 20.0 EUR, 100.0 % more than Q4 2025; 100.0 % of it has a team, and no outcomes were given to "
        "hold it against."
    )
    assert "every charge has an owner and nothing stands out" in said(page.decision(answer))
    assert not page.is_synthetic(answer)


@pytest.mark.parametrize(("untagged", "verdict"), [(1.0, "fine"), (3.0, "watch"), (8.0, "act")])
def test_the_verdict_follows_what_nobody_owns(ask, untagged, verdict):
    answer = ask([*ROWS, ("2026-02-01", None, "case", "m", 0, 0, untagged)])
    assert page.verdict(answer) == verdict
    assert f"{untagged:.2f} EUR" in said(page.decision(answer))


def test_without_owners_every_part_says_so(ask):
    answer = ask(without=["x_Team", "x_UseCase", "x_ModelId", "x_InputTokens", "x_Requests"])
    assert page.verdict(answer) == "act"
    assert "none of it has a team" in page.sentence(answer)
    assert "No charge says x_Team" in said(page.method(answer))
    for part in PARTS:
        assert isinstance(getattr(page, part)(answer).html, str)
    for part in (
        page.unit_economics,
        page.unit_costs_picture,
        page.attribution_picture,
        page.who,
        page.why,
        page.models,
        page.layers,
    ):
        assert part(answer).kind == "nothing"


def test_what_nobody_owns_is_drawn_once(ask):
    answer = ask(ROWS[1:], without=["x_Team"])
    assert "Billed without a team" in page.bridge_picture(answer).content["alt"]
    assert page.phantom_picture(answer).kind == "nothing"


def test_outcomes_of_another_time_are_said_to_be_missing(ask):
    answer = ask(outcomes=[("2025-01-01", "case", "resolved", 3, 1.0)])
    assert page.sentence(answer).endswith("and no use case has outcomes in the period.")


def test_without_a_period_before_nothing_is_compared(ask):
    answer = ask(ROWS[1:])
    assert page.sentence(answer).startswith("Q1 2026 cost 20.0 EUR; ")
    assert "nothing before it to compare with" in said(page.figures(answer))
    assert "Change" not in said(page.who(answer))
    for part in PARTS:
        assert isinstance(getattr(page, part)(answer).html, str)


def test_a_period_that_is_not_over_is_not_called_cheaper(ask):
    answer = ask(period="2026-Q1", as_of="2026-01-20")
    assert page.sentence(answer).startswith("Q1 2026, up to 2026-01-20, cost 12.0 EUR (all of Q4 2025: 10.0 EUR); ")
    assert "it is not over" in said(page.method(answer))


@pytest.mark.parametrize(
    ("billed", "words"),
    [(20.0, "as much as Q4 2025"), (40.0, "50.0 % less than Q4 2025"), (0.0, "nothing having been")],
)
def test_the_change_is_put_in_words(ask, billed, words):
    assert words in page.sentence(ask([("2025-10-01", "a", "case", "m", 10**6, 5, billed), *ROWS[1:]]))


def test_a_filter_is_said(ask):
    assert "(x_Team = a only)" in page.sentence(ask(where={"x_Team": "a"}))


def test_the_owners_of_what_nobody_owns_carry_it_to_the_last_cent(ask):
    answer = ask([*ROWS, ("2026-02-01", None, "case", "m", 0, 0, 1.01)])
    rows = page.who(answer).content["rows"]
    assert rows[-1][0] == "All"
    assert rows[-1][-1] == "21.01"
    assert next(row for row in rows if row[0] == "(no team)")[-1] == "–"


def test_outcomes_show_cost_range_change_and_value(ask):
    outcomes = [
        ("2025-10-01", "case", "resolved", 10, 10.0),
        ("2026-01-31", "case", "resolved", 30, 60.0),
        ("2026-01-31", "case", "rejected", 10, 0.0),
    ]
    row = page.unit_economics(ask(outcomes=outcomes)).content["rows"][0]
    assert row == ["case", "20.00", "30", "75.0 %", "0.667", "19.0 %", "−33.3 %", "3.00"]


def test_a_team_that_pays_more_than_its_peers_stands_out(ask):
    rows = [("2026-03-31", team, "case", "m", 10**6, 2_000, 10.0 + place) for place, team in enumerate("abc")]
    answer = ask([ROWS[0], *rows, ("2026-03-31", "d", "case", "m", 10**6, 2_000, 90.0)])
    assert page.verdict(answer) == "watch"
    assert "Ask d why a request to m costs" in said(page.decision(answer))
    assert page.stands_out(answer).content["rows"][0][:2] == ["d", "A request to m"]


def test_tables_add_up_to_the_bill(sample):
    for part in (page.who, page.models, page.layers):
        assert part(sample).content["rows"][-1][2] == "471,160"
    assert page.phantom(sample).content["rows"][-1][1] == f"{sample.phantom_cost:,.0f}"


def test_the_efficiency_rate_is_told_where_revenue_is_known(sample):
    assert "Cloud Efficiency Rate, (revenue − billed) ÷ revenue: Draft approved 62 %" in said(
        page.unit_economics(sample)
    )


def test_users_are_told_apart_from_requests_where_the_charges_name_them(ask, tmp_path):
    assert "Users a month" not in said(page.why(ask()))
    frame = pd.read_parquet(tmp_path / "bill.parquet")
    months = pd.to_datetime(["2025-12-01", "2026-01-15", "2026-02-15"])
    frame = frame.assign(ChargePeriodStart=months, ChargePeriodEnd=months + pd.Timedelta(days=1), x_User=list("abc"))
    frame.to_parquet(tmp_path / "bill.parquet")
    told = aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "bill.parquet"), "period": "2026-01"})
    assert "Users a month" in said(page.why(told))
    assert "in a month, on average" in said(page.why(told))
