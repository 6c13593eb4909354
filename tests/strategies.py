"""Hypothesis strategies that several tests share: distributions and FOCUS charges."""

import os

import pandas as pd
from hypothesis import Phase, settings
from hypothesis import strategies as st

from aiecon.vocabulary.distribution import Beta, Discrete, Lognormal, Mixture, Normal, Pareto, Pert, Triangular, Uniform

EXAMPLES = int(os.environ.get("AIECON_LAWS", "25"))  # make test-laws asks for more
LAW = settings(derandomize=True, database=None, deadline=None, max_examples=EXAMPLES)


def law(examples):
    """A law with so many examples where others have 60, and in proportion in a run that has fewer or more."""
    return settings(LAW, max_examples=max(min(examples, 5), examples * EXAMPLES // 60))


LAW_WITH_FILES = settings(law(5), phases=(Phase.explicit, Phase.generate))  # a second each: no shrinking

amounts = st.floats(0.01, 1e6)
shares = st.lists(st.floats(1e-6, 1 - 1e-6), min_size=2, max_size=20).map(sorted)


def ends(count):
    """As many amounts, lowest first."""
    return st.lists(amounts, min_size=count, max_size=count).map(sorted)


weighted = st.lists(st.tuples(amounts, st.integers(0, 3)), min_size=1, max_size=6).filter(
    lambda pairs: any(weight for _, weight in pairs)
)

normals = ends(2).map(lambda e: Normal(p10=e[0], p90=e[1]))
lognormals = ends(2).map(lambda e: Lognormal(p10=e[0], p90=e[1]))
uniforms = ends(2).map(lambda e: Uniform(low=e[0], high=e[1]))
triangulars = ends(3).map(lambda e: Triangular(low=e[0], mode=e[1], high=e[2]))
perts = ends(3).map(lambda e: Pert(low=e[0], mode=e[1], high=e[2]))
discretes = weighted.map(lambda pairs: Discrete(values=[v for v, _ in pairs], weights=[w for _, w in pairs]))
betas = st.builds(Beta, successes=st.integers(0, 500), failures=st.integers(0, 500))
paretos = st.builds(Pareto, minimum=amounts, alpha=st.floats(1.05, 20))
mixtures = (
    st.lists(st.tuples(lognormals, st.integers(0, 3)), min_size=2, max_size=4)
    .filter(lambda pairs: any(weight for _, weight in pairs))
    .map(lambda pairs: Mixture(parts=[part for part, _ in pairs], weights=[weight for _, weight in pairs]))
)

scalable = st.one_of(normals, lognormals, uniforms, triangulars, perts, discretes)
distributions = st.one_of(scalable, betas, paretos, mixtures)

charges = st.builds(
    dict,
    day=st.integers(0, 40),
    cents=st.integers(-5_000, 5_000_000),
    team=st.sampled_from(["search", "support", None]),
    model=st.sampled_from(["small", "large"]),
)


def charge_frame(rows):
    """FOCUS charges of whole days, every cell as a CSV holds it."""
    starts = [pd.Timestamp("2026-01-01") + pd.Timedelta(days=row["day"]) for row in rows]
    return pd.DataFrame(
        {
            "ChargePeriodStart": [f"{start:%Y-%m-%dT00:00:00Z}" for start in starts],
            "ChargePeriodEnd": [f"{start + pd.Timedelta(days=1):%Y-%m-%dT00:00:00Z}" for start in starts],
            "BillingCurrency": "USD",
            "BilledCost": [f"{row['cents'] / 100:.2f}" for row in rows],
            "x_Team": [row["team"] for row in rows],
            "x_ModelId": [row["model"] for row in rows],
        }
    )


charge_frames = st.lists(charges, min_size=1, max_size=30).map(charge_frame)
