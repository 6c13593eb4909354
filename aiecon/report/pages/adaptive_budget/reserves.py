"""Money held back: for what spend may stray, for incidents, for model upgrades."""

from aiecon.charts.formats import full, money, percent, probability, signed
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.policies import RULES, ends
from aiecon.units import MONTHS_PER_YEAR


def cover(answer: AdaptiveBudget) -> Block:
    """Money that suffices for the months ahead, each pool for itself and all together, and for incidents."""
    frame = answer.cover
    if len(answer.lines) == 1 and answer.incidents is None:
        return blocks.nothing()
    rows = []
    for row in frame.head(1 if len(answer.lines) == 1 else len(frame)).itertuples():
        name = "Each pool for itself" if row.held == "siloed" else f"One for all, correlation {row.correlation:g}"
        rows.append([name, full(row.amount), signed(row.amount - row.mean), signed(-row.saving)])
    if answer.incidents is not None:
        held, mean = answer.incidents.held, answer.incidents.mean
        rows.append(["Incidents, on top", full(held), signed(held - mean), "–"])
    note = (
        f"Suffices with {percent(answer.quantile, 0)} probability, as being short is taken to cost "
        f"{answer.inputs.short_to_long_cost:g} times being long (normal spend, newsvendor). Expected spend: "
        f"{money(frame['mean'].iloc[0], answer.currency)}.{_incident_words(answer)}"
    )
    columns = ["Reserve", "To hold", "Above expected", "Against siloed"]
    months = f"{answer.months[0]:%B}" + (f" to {answer.months[-1]:%B}" if len(answer.months) > 1 else "")
    return blocks.table(f"Money to hold, {months}, {answer.currency}", columns, rows, note=note)


def _incident_words(answer: AdaptiveBudget) -> str:
    """How many incidents are expected, what they cost and how often there is none."""
    found, asked = answer.incidents, answer.inputs.policy.incidents
    if found is None or asked is None:
        return ""
    return (
        f" Incidents: {asked.per_year:g} a year (compound Poisson), {money(found.mean, answer.currency)} expected, "
        f"standard deviation {money(found.sd, like=found.mean)}, none in {probability(found.none_probability)}."
    )


def upgrades(answer: AdaptiveBudget) -> Block:
    """Whether the share held for model upgrades pays for simulated years of them."""
    years, yearly = answer.upgrades, MONTHS_PER_YEAR * answer.recent
    if years is None or yearly <= 0:
        return blocks.nothing()
    low, high = ends(RULES["upgrade_reserve_share"])
    ours, needed = answer.reserve / answer.recent, years.share_for(answer.quantile)
    named = [
        ("Lower end of the rule", low),
        ("Held by the policy", ours),
        ("Upper end of the rule", high),
        (f"Needed to suffice with {probability(answer.quantile)}", needed),
    ]
    rows = [
        [name, percent(share), full(share * yearly), probability(years.suffices(share))]
        for name, share in sorted(named, key=lambda one: one[1])
    ]
    mean = float(years.needs.mean())
    note = (
        f"{answer.inputs.draws:,} years of migrations: {years.counts.mean():.1f} upgrades a year, each with months of "
        "both models, tests, and the new model's cost until the year ends; together "
        f"{percent(mean)} of a year's spend on average, nothing in {probability(float((years.needs == 0).mean()))} of "
        "years. The year is twelve months as the last three."
    )
    place = [row[0] for row in rows].index("Held by the policy")
    columns = ["Upgrade reserve", "Of spend", f"{answer.currency} a year", "Suffices in"]
    return blocks.table("Model-upgrade reserve against simulated migrations", columns, rows, note=note, bold=[place])
