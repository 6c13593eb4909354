"""The cheapest mix as a program: against every vertex of every set of used tiers, a grid, its laws, its messages."""

from itertools import combinations, product

import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.models.tiering import TieringInputs, tiering
from aiecon.models.tiering.asked import open_entries
from aiecon.models.tiering.mix import Entry, Limits, best_corner
from aiecon.models.tiering.program import best_plan, best_program

NAMES = ("small", "middle", "large")
EU = {"name": "EU", "share": 0.4, "tiers": ["small", "middle"]}
REST = {"name": "rest", "share": 0.6, "tiers": ["small", "middle", "large"]}


def tier(name, share, cost, success, **more):
    return {"name": name, "share": share, "price": {"cost_per_request": cost}, "success_rate": success, **more}


THREE = (tier("small", 0.5, 1.0, 0.5), tier("middle", 0.3, 4.0, 0.8), tier("large", 0.2, 5.0, 0.9))


def asked(*tiers, **more):
    return TieringInputs.build({"tiers": list(tiers or THREE), "draws": 100, **more})


def ask(*tiers, **more):
    return tiering(asked(*tiers, **more))


def random_case(rng, *, regions, floors):
    """Entries and limits of three tiers, each after the other where it escalates."""
    tiers = []
    for place, name in enumerate(NAMES):
        found = tier(name, float(place == 0), float(rng.uniform(0.1, 5)), float(rng.uniform(0.2, 0.99)))
        tiers.append({**found, "latency_s": float(rng.uniform(1, 9)), "is_local": bool(rng.integers(0, 2))})
    more = {"escalate": list(NAMES)} if rng.integers(0, 2) else {}
    more |= {"residency": [EU, REST]} if regions else {}
    entries = open_entries(tiering(asked(*tiers, **more)).case)
    sizes = {key: [getattr(one, key) for one in entries] for key in ("success", "time")}
    limits = Limits(
        success=float(rng.uniform(min(sizes["success"]), np.mean(sizes["success"]))) if rng.integers(0, 2) else None,
        time=float(rng.uniform(np.mean(sizes["time"]), max(sizes["time"]))) if rng.integers(0, 2) else None,
        local=float(rng.uniform(0, 0.6)) if any(one.is_local for one in entries) else None,
        regions={"EU": 0.4, "rest": 0.6} if regions else {},
        floors={name: (float(rng.uniform(0, 0.6)), float(rng.uniform(0, 1))) for name in NAMES[:2]} if floors else {},
    )
    return entries, limits


def lowest_of_every_vertex(entries, limits, *, by_success):
    """Brute force: for every set of used tiers, the value at every vertex of what is allowed."""
    size = len(entries)
    regions = limits.regions or {"": 1.0}
    equal = [[float(one.region == name) for one in entries] for name in regions]
    lowest = np.inf
    for used in product((0, 1), repeat=len(limits.floors)):
        rows = [([limit(one) for one in entries], 0.0) for limit in limits.rows()]
        rows += [(list(np.eye(size)[at]), 0.0) for at in range(size)]
        fixed = 0.0
        for is_used, (name, (minimum, each)) in zip(used, limits.floors.items(), strict=True):
            tries = [one.attempts.get(name, 0.0) for one in entries]
            rows.append((tries, minimum) if is_used else ([-1.0 if seen > 0 else 0.0 for seen in tries], 0.0))
            fixed += each * is_used
        matrix, least = np.array([row for row, _ in rows]), np.array([least for _, least in rows])
        for held in combinations(range(len(rows)), size - len(regions)):
            square = np.array([*equal, *matrix[list(held)]])
            if np.linalg.matrix_rank(square, tol=1e-10) < size:
                continue
            shares = np.linalg.solve(square, [*regions.values(), *least[list(held)]])
            if (matrix @ shares < least - 1e-9).any():
                continue
            cost = shares @ [one.cost for one in entries] + fixed
            success = shares @ [one.success for one in entries]
            lowest = min(lowest, cost / success if by_success else cost)
    return lowest


def value_of(plan, entries, limits, *, by_success):
    known = {one.name: one for one in entries}
    seen = {name for route in plan for name, tries in known[route].attempts.items() if tries > 0}
    cost = sum(share * known[route].cost for route, share in plan.items())
    cost += sum(fixed for name, (_, fixed) in limits.floors.items() if name in seen)
    return cost / sum(share * known[route].success for route, share in plan.items()) if by_success else cost


@pytest.mark.parametrize(("regions", "floors"), [(False, True), (True, False), (True, True)])
@pytest.mark.parametrize("by_success", [True, False])
@pytest.mark.parametrize("find", [best_plan, best_program])
def test_the_best_plan_is_the_lowest_of_every_vertex_of_every_set_of_used_tiers(regions, floors, by_success, find):
    rng = np.random.default_rng(11 + 2 * regions + floors)
    found_some = 0
    for _ in range(12):
        entries, limits = random_case(rng, regions=regions, floors=floors)
        plan = find(entries, limits, by_success=by_success)
        lowest = lowest_of_every_vertex(entries, limits, by_success=by_success)
        if plan is None:
            assert np.isinf(lowest)
            continue
        found_some += 1
        assert value_of(plan, entries, limits, by_success=by_success) == pytest.approx(lowest, rel=1e-7)
    assert found_some >= 6


def test_without_regions_and_floors_the_program_finds_the_corner():
    rng = np.random.default_rng(5)
    for _ in range(25):
        entries, limits = random_case(rng, regions=False, floors=False)
        corner = best_corner(entries, limits, by_success=True)
        idle = Limits(limits.success, limits.time, limits.local, floors={"small": (0.0, 0.0)})
        plan = best_plan(entries, idle, by_success=True)
        assert (corner is None) is (plan is None)
        if corner is not None:
            values = [value_of(mix, entries, limits, by_success=True) for mix in (plan, corner)]
            assert values[0] == pytest.approx(values[1], rel=1e-8)


def test_the_best_mix_with_every_limit_is_never_beaten_by_a_fine_grid():
    tiers = (
        tier("small", 0.5, 1.0, 0.5, latency_s=2.0, is_local=True, minimum_share=0.3, fixed_cost_per_month=100.0),
        tier("middle", 0.3, 4.0, 0.8, latency_s=3.0),
        tier("large", 0.2, 5.0, 0.9, latency_s=9.0, minimum_share=0.25),
    )
    more = {"minimum_success_rate": 0.72, "maximum_latency_s": 5.0, "minimum_local_share": 0.2}
    answer = ask(*tiers, residency=[EU, REST], requests_per_month=1_000, **more)
    entries = {one.name: one for one in open_entries(answer.case)}
    best, grid = np.inf, np.linspace(0, 1, 51)
    for eu in grid:
        for a, b in product(grid, grid):
            if a + b > 1 + 1e-9:
                continue
            shares = np.array([0.4 * eu, 0.4 * (1 - eu), 0.6 * a, 0.6 * b, 0.6 * (1 - a - b)])
            small, large = shares[0] + shares[2], shares[4]
            success, time = shares @ [0.5, 0.8, 0.5, 0.8, 0.9], shares @ [2, 3, 2, 3, 9]
            floors = (small < 1e-9 or small >= 0.3 - 1e-9) and (large < 1e-9 or large >= 0.25 - 1e-9)
            if success >= 0.72 - 1e-9 and time <= 5 + 1e-9 and small >= 0.2 - 1e-9 and floors:
                cost = shares @ [1, 4, 1, 4, 5] + (0.1 if small > 1e-9 else 0.0)
                best = min(best, cost / success)
    found = (1 - answer.best_saving_share) * answer.baseline_cost_per_accepted
    assert np.isfinite(best)
    assert found <= best + 1e-9
    assert found >= 0.97 * best
    assert all(one.is_kept for one in answer.checks(answer.best_plan))
    assert sum(share for route, share in answer.best_plan.items() if entries[route].region == "EU") == pytest.approx(
        0.4
    )


def test_a_failed_attempt_stays_with_the_tiers_of_its_region():
    answer = ask(escalate=list(NAMES), residency=[EU, REST])
    assert answer.case.routes["small in EU"] == ["small", "middle"]
    assert answer.case.entered["small in EU"][2][0] == pytest.approx(1 - 0.5 * 0.2)
    assert answer.case.entered["small in rest"][2][0] == pytest.approx(1 - 0.5 * 0.2 * 0.1)
    assert sum(answer.best_mix.values()) == pytest.approx(1)


def test_each_limit_costs_saving_and_more_of_it_costs_no_less():
    free = ask().best_saving_share
    for field, values in (("minimum_local_share", (0.1, 0.5, 0.9)), ("minimum_success_rate", (0.7, 0.8, 0.85))):
        local = [THREE[0], THREE[1] | {"is_local": True}, THREE[2]]
        savings = [ask(*local, **{field: value}).best_saving_share for value in values]
        assert savings == sorted(savings, reverse=True)
        assert savings[0] <= free + 1e-9


def test_a_cost_by_the_month_is_paid_once_a_request_goes_there_and_weighs_less_the_more_there_are():
    local = [THREE[0] | {"fixed_cost_per_month": 1_000.0}, *THREE[1:]]
    few, many = (ask(*local, escalate=list(NAMES), requests_per_month=count) for count in (100, 1_000_000))
    assert few.cost_per_request == pytest.approx(ask(*THREE, escalate=list(NAMES)).cost_per_request + 10.0)
    assert few.best_mix["small"] == 0.0
    assert many.best_mix["small"] > 0.0
    assert few.bridge["total"].iloc[-2] == pytest.approx(few.bridge["total"].iloc[-1])
    assert ask(*local, requests_per_month=100, baseline="small").baseline_cost_per_request == pytest.approx(11.0)


def test_a_tier_with_a_minimum_takes_it_or_nothing():
    wanted = {"minimum_success_rate": 0.83}
    assert ask(**wanted).best_mix["large"] > 0
    dear = [*THREE[:2], THREE[2] | {"minimum_share": 0.9, "price": {"cost_per_request": 9.0}}]
    share = ask(*dear, **wanted).best_mix["large"]
    assert share == pytest.approx(0.9)
    assert ask(*dear, minimum_success_rate=0.8).best_mix["large"] == 0.0


def test_limits_that_no_mix_keeps_leave_none():
    answer = ask(residency=[EU, REST], minimum_success_rate=0.88)
    assert answer.best_mix is None
    assert answer.best_plan is None
    assert not all(one.is_kept for one in answer.checks(answer.shares))


def test_the_frontier_keeps_every_limit_and_holds_the_best_mix():
    answer = ask(residency=[EU, REST], escalate=list(NAMES), minimum_success_rate=0.85)
    frame = answer.frontier()
    assert (frame["cost"].diff().dropna() >= -1e-9).all()
    cost = (1 - answer.best_saving_share) * answer.baseline_cost_per_accepted
    assert np.interp(0.85, frame["success_rate"], frame["cost"]) <= cost * (1 + 1e-2)
    assert frame[list(NAMES)].sum(axis=1).to_numpy() == pytest.approx(1)


def test_the_program_prints_nothing(capfd):
    ask(residency=[EU, REST]).best_plan  # noqa: B018 (computed on first use)
    assert capfd.readouterr().out == ""


def test_nothing_accepted_has_no_plan():
    entries = [Entry("a", 1.0, 0.0, 0.0)]
    assert best_plan(entries, Limits(floors={"a": (0.1, 0.0)}), by_success=True) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"residency": [EU]}, r"residency: shares must add up to 1, they add up to 0\.4"),
        ({"residency": [EU | {"tiers": ["smal"], "share": 1.0}]}, r"residency.EU: 'smal' is not a tier; did you mean"),
        ({"minimum_local_share": 0.2}, "minimum_local_share needs a tier that is_local"),
        (
            {"tiers": [THREE[0] | {"share": 1.0, "fixed_cost_per_month": 5.0}]},
            "requests_per_month is needed, more than",
        ),
    ],
)
def test_limits_that_make_no_sense_are_refused(more, words):
    with pytest.raises(InputError, match=words):
        TieringInputs.build({"tiers": list(THREE), **more})
