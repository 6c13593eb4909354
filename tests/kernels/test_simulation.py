"""The compiled simulation against known answers, a plain numpy twin, closed forms and itself in other pieces."""

import hashlib
import os
import subprocess
import sys
from itertools import product

import numba
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from strategies import LAW

from aiecon.kernels import one_by_one
from aiecon.kernels import simulation as kernel
from aiecon.kernels.requests import request_moments

LOW32 = np.uint64(0xFFFFFFFF)
ALL_FIRST = np.zeros(4, dtype=np.int64)
KEY = np.array([7, 3], dtype=np.uint64)
LARGEST_NORMAL = np.sqrt(66 * np.log(2))  # of 32 bits, after Box and Muller


def philox(counter, key):
    """Philox4x32-10 as its authors describe it, on arrays of words."""
    c0, c1, c2, c3 = np.broadcast_arrays(*(np.asarray(word, dtype=np.uint64) for word in counter))
    k0, k1 = (np.uint64(word) for word in key)
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        high0, high1 = p0 >> np.uint64(32), p1 >> np.uint64(32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, p1 & LOW32, high0 ^ c3 ^ k1, p0 & LOW32
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & LOW32, (k1 + np.uint64(0xBB67AE85)) & LOW32
    return c0, c1, c2, c3


def uniforms(path, period, slot, key):
    words = philox((path & LOW32, path >> np.uint64(32), period, slot), key)
    return [(word.astype(float) + 0.5) / 2**32 for word in words]


def box_muller(u, v):
    radius = np.sqrt(-2 * np.log(u))
    return radius * np.cos(2 * np.pi * v), radius * np.sin(2 * np.pi * v)


def of_owners(path, period, slot, key, versions, owners):
    futures = [uniforms(path, period, slot + 16 * version, key) for version in (0, 1)]
    return [futures[versions[owner]][place] for place, owner in enumerate(owners)]


def request_cost_plain(agent, at, length, path, period, slot, tier, key):
    """One request of a tier, step by step."""
    period += tier << 16
    q, cap, read, added, written, sigma, retry, size = agent[: one_by_one.N_AGENT]
    steps = 1.0
    if q > 0:
        steps += stats.nbinom.isf(uniforms(path, period, slot, key)[0], size, 1 - q)
    cost = 0.0
    for step in range(int(min(steps, cap))):
        u, v, w, _ = uniforms(path, period, slot + (1 + step) * 2**20, key)
        output = written * length * np.exp(sigma * box_muller(u, v)[0] - sigma**2 / 2)
        attempts = 1 + np.floor(np.log(w) / np.log(retry)) if retry > 0 else 1
        is_long = read >= agent[at + one_by_one.TIER_FROM]
        per_input = agent[at + (one_by_one.TIER_LONG_IN if is_long else one_by_one.TIER_IN)]
        per_output = agent[at + (one_by_one.TIER_LONG_OUT if is_long else one_by_one.TIER_OUT)]
        cost += attempts * (per_input * read + per_output * output)
        read += added
    return cost


def requests_cost_plain(agent, tiers, listed, length, count, path, period, version, key):
    cost = 0.0
    for tier in range(tiers):
        at = one_by_one.N_AGENT + one_by_one.PER_TIER * tier
        there = count * agent[at + one_by_one.TIER_SHARE]
        parts = [1.0] * int(there) + [there - int(there)]
        drawn = sum(
            part * request_cost_plain(agent, at, length, path, period, 64 + 2 * place + version, tier, key)
            for place, part in enumerate(parts)
            if part > 0
        )
        cost += drawn * listed[tier] * (1 - agent[at + one_by_one.TIER_BATCH] * agent[at + one_by_one.TIER_DISCOUNT])
    return cost


def twin(params, agent, tiers, season, listed, month, first, key, versions, micro_below):
    """The whole simulation, all paths at once; (n_months, n)."""
    p, n = params, params.shape[1]
    path = np.arange(first, first + n, dtype=np.uint64)
    out = np.zeros((month[-1] + 1, n))
    users, noise = np.minimum(p[kernel.USERS], p[kernel.CEILING]), np.zeros(n)
    length, price = np.ones(n), np.ones(n)
    for t in range(len(season)):
        u = of_owners(path, t, 0, key, versions, (3, 3, 1, 1))
        viral, shock, switch, _ = of_owners(path, t, 1, key, versions, (0, 1, 2, 2))
        (together, deep), z = box_muller(u[0], u[1]), box_muller(u[2], u[3])[0]
        fresh = p[kernel.SIGMA] * np.sqrt(1 - p[kernel.AR1] ** 2)
        noise = p[kernel.AR1] * noise + fresh * z if t else p[kernel.SIGMA] * z
        once = np.zeros(n)
        if t:
            g = p[kernel.GROWTH]
            users = users * (1 + g) / (1 + users * g * p[kernel.INVERSE_CEILING])
            users = users + p[kernel.INNOVATION] * (p[kernel.CEILING] - users)
            users = users * p[kernel.STAY] * np.where(viral < p[kernel.VIRAL], p[kernel.VIRAL_TIMES], 1)
            users = np.minimum(users, p[kernel.CEILING])
            moved = switch < p[kernel.SWITCH]
            length = length * np.where(moved, p[kernel.OUTPUT_TIMES], 1)
            price = price * np.where(moved, p[kernel.PRICE_TIMES], 1)
            once = np.where(moved, p[kernel.MIGRATION], 0)
        use = np.exp(noise - p[kernel.SIGMA] ** 2 / 2) * np.where(shock < p[kernel.SHOCK], p[kernel.SHOCK_TIMES], 1)
        requests = users * p[kernel.REQUESTS] * use * (1 + p[kernel.AMPLITUDE] * season[t])
        cost = sum(
            listed[t, tier] * (p[kernel.N_PARAMS + 2 * tier] + p[kernel.N_PARAMS + 2 * tier + 1] * length)
            for tier in range((len(p) - kernel.N_PARAMS) // 2)
        )
        spread, loose = (
            np.log(1 + np.minimum(p[row] / np.maximum(requests, 1e-300), 1e12))
            for row in (kernel.SPREAD, kernel.LOOSE_SPREAD)
        )
        loose_cost = sum(
            listed[t, tier] * (p[kernel.LOOSE_IN] * part + p[kernel.LOOSE_OUT] * length * other)
            for tier, (part, other) in enumerate(zip(p[kernel.N_PARAMS :: 2], p[kernel.N_PARAMS + 1 :: 2], strict=True))
        )
        alone = cost * np.exp(np.sqrt(spread) * together - spread / 2)
        bill = requests * np.minimum(alone, loose_cost * np.exp(np.sqrt(loose) * together - loose / 2))
        for lane in np.flatnonzero((requests < micro_below) & (p[kernel.SPREAD] > 0)):
            bill[lane] = requests_cost_plain(
                agent[:, lane], tiers, listed[t], length[lane], requests[lane], path[lane], t, versions[3], key
            )
        deep = np.exp(p[kernel.DEPTH] * deep - p[kernel.DEPTH] ** 2 / 2)
        out[month[t]] += bill * deep * price * p[kernel.DECLINE] ** t + once
    return out


def setting(seed, *, n=256, tiers=3, months=7, requests=(0.5, 60.0), parts=1):
    """Random parameters of every path, and frames; requests are those of a user, who are about twenty."""
    random = np.random.default_rng(seed)
    agent = agents(random, n, tiers)
    params = np.zeros((kernel.N_PARAMS + 2 * tiers, n))
    ceiling = np.where(random.random(n) < 0.5, 60.0, 1e300)
    rows = {
        kernel.USERS: random.uniform(5, 40, n),
        kernel.GROWTH: random.uniform(-0.05, 0.3, n),
        kernel.INVERSE_CEILING: np.where(ceiling < 1e300, 1 / ceiling, 0),
        kernel.CEILING: ceiling,
        kernel.INNOVATION: np.where(ceiling < 1e300, random.uniform(0, 0.1, n), 0),
        kernel.STAY: random.uniform(0.9, 1, n),
        kernel.VIRAL: random.choice([0, 0.2], n),
        kernel.VIRAL_TIMES: random.uniform(1, 3, n),
        kernel.REQUESTS: random.uniform(*requests, n) / parts,
        kernel.AMPLITUDE: random.uniform(0, 0.5, n),
        kernel.SIGMA: random.choice([0, 0.4], n),
        kernel.AR1: random.uniform(-0.9, 0.9, n),
        kernel.SHOCK: random.choice([0, 0.1], n),
        kernel.SHOCK_TIMES: random.uniform(0, 3, n),
        kernel.DECLINE: random.uniform(0.9, 1, n),
        kernel.SWITCH: random.choice([0, 0.2], n),
        kernel.OUTPUT_TIMES: random.uniform(0.7, 1.5, n),
        kernel.PRICE_TIMES: random.uniform(0.7, 1.5, n),
        kernel.MIGRATION: random.uniform(0, 10, n),
        kernel.DEPTH: random.choice([0, 0.3], n),
    }
    for row, values in rows.items():
        params[row] = values
    cost, spread = np.zeros((2 * tiers, n)), np.zeros(n)
    request_moments(agent, tiers, cost, spread)
    params[kernel.SPREAD], params[kernel.N_PARAMS :] = spread, cost
    params[kernel.LOOSE_SPREAD] = spread * random.choice([1.0, 1.5])
    params[kernel.LOOSE_IN] = random.choice([1.0, 1.05], n)
    params[kernel.LOOSE_OUT] = random.choice([1.0, 1.02], n)
    period = np.arange(months * parts)
    listed = random.uniform(0.8, 1.2, (len(period), tiers))
    return params, agent, tiers, np.sin(period), listed, period // parts


def agents(random, n, tiers):
    agent = np.zeros((one_by_one.N_AGENT + one_by_one.PER_TIER * tiers, n))
    agent[one_by_one.CONTINUE] = random.choice([0, 0.5, 0.8], n)
    agent[one_by_one.CAP] = random.choice([3, 10, np.inf], n)
    agent[one_by_one.INPUT] = random.uniform(500, 4_000, n)
    agent[one_by_one.ADDED] = random.choice([0, 1_500], n)
    agent[one_by_one.OUTPUT] = random.uniform(100, 1_000, n)
    agent[one_by_one.OUTPUT_SIGMA] = random.choice([0, 0.7], n)
    agent[one_by_one.RETRY] = random.choice([0, 0.2], n)
    agent[one_by_one.STEPS_SIZE] = random.choice([0.5, 1, 1, 4], n)
    share = random.dirichlet(np.ones(tiers), n).T
    for tier in range(tiers):
        at = one_by_one.N_AGENT + one_by_one.PER_TIER * tier
        per_input = random.uniform(0.1, 5, n) / 1e6
        agent[at + one_by_one.TIER_SHARE] = share[tier]
        agent[at + one_by_one.TIER_IN], agent[at + one_by_one.TIER_OUT] = per_input, 5 * per_input
        agent[at + one_by_one.TIER_FROM] = random.choice([5_000, 1e18], n)
        agent[at + one_by_one.TIER_LONG_IN], agent[at + one_by_one.TIER_LONG_OUT] = 2 * per_input, 7 * per_input
        agent[at + one_by_one.TIER_BATCH], agent[at + one_by_one.TIER_DISCOUNT] = random.uniform(0, 1, n), 0.5
    return agent


def simulated(given, *, first=0, versions=ALL_FIRST, micro_below=0.0):
    params, agent, tiers, season, listed, month = given
    out = np.zeros((month[-1] + 1, params.shape[1]))
    kernel.simulate(params, agent, tiers, season, listed, month, first, KEY, versions, micro_below, out)
    return out


def columns(given, start, stop):
    params, agent, *frame = given
    return params[:, start:stop].copy(), agent[:, start:stop].copy(), *frame


def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, words):
    found = one_by_one.philox(*(np.uint64(word) for word in [*counter, *key]))
    assert " ".join(f"{int(word):08x}" for word in found) == words
    assert " ".join(f"{int(word):08x}" for word in philox(counter, key)) == words


@LAW
@given(seed=st.integers(0, 2**32), versions=st.sampled_from(list(product([0, 1], repeat=4))))
def test_the_kernel_is_its_plain_twin(seed, versions):
    given_, versions = setting(seed), np.array(versions)
    expected = twin(*given_, 1_000, KEY, versions, 0.0)
    np.testing.assert_allclose(simulated(given_, first=1_000, versions=versions), expected, rtol=1e-7, atol=1e-12)


def test_many_requests_under_a_cap_are_those_of_the_twin():
    given_ = setting(13, requests=(50.0, 2e6))
    np.testing.assert_allclose(simulated(given_), twin(*given_, 0, KEY, ALL_FIRST, 0.0), rtol=1e-7)


@LAW
@given(
    spread=st.floats(1e-6, 1e3),
    times=st.floats(0.5, 50),
    ratio=st.floats(1 + 2e-6, 5),
    share=st.floats(0, 1),
    z=st.floats(-LARGEST_NORMAL, LARGEST_NORMAL),
    more=st.floats(1, 1e3),
)
def test_the_bound_of_a_cap_is_left_out_only_where_it_cannot_bind(spread, times, ratio, share, z, more):
    s, _ = scratch(spread, kernel._PAR + kernel.SPREAD)
    dearer = 1 + share * (ratio - 1)
    for row, value in ((kernel.LOOSE_SPREAD, times * spread), (kernel.LOOSE_IN, ratio), (kernel.LOOSE_OUT, dearer)):
        s[(kernel._PAR + row) * kernel.LANES :][: kernel.LANES] = value
    kernel._free(s)
    requests = s[kernel._B * kernel.LANES]
    assume(requests > 0)
    tight, loose = (np.log1p(x / (requests * more)) for x in (spread, times * spread))
    assert np.sqrt(tight) * z - tight / 2 <= np.log(dearer) + np.sqrt(loose) * z - loose / 2


def test_the_bound_of_a_cap_always_counts_where_a_cap_saves_nothing():
    s, _ = scratch(1.0, kernel._PAR + kernel.SPREAD)
    for row in (kernel.LOOSE_SPREAD, kernel.LOOSE_IN, kernel.LOOSE_OUT):
        s[(kernel._PAR + row) * kernel.LANES :][: kernel.LANES] = 1.5 if row == kernel.LOOSE_SPREAD else 1.0
    kernel._free(s)
    assert np.isposinf(s[kernel._B * kernel.LANES])


@pytest.mark.parametrize("version", [0, 1])
def test_requests_drawn_one_by_one_are_those_of_the_twin(version):
    given_ = setting(5 + version, n=128, months=3, requests=(0.02, 1.0))
    versions = np.array([0, 1, 0, version])
    expected = twin(*given_, 3, KEY, versions, 20.0)
    found = simulated(given_, first=3, versions=versions, micro_below=20.0)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-15)
    assert not np.allclose(found, simulated(given_, first=3, versions=versions))


def test_days_add_up_in_their_months():
    given_ = setting(9, months=2, parts=30)
    np.testing.assert_allclose(simulated(given_), twin(*given_, 0, KEY, ALL_FIRST, 0.0), rtol=1e-7)


def test_paths_beyond_the_first_word_of_the_counter_are_counted_on():
    given_ = setting(2, n=128)
    expected = twin(*given_, 2**32 - 64, KEY, ALL_FIRST, 0.0)
    np.testing.assert_allclose(simulated(given_, first=2**32 - 64), expected, rtol=1e-7)


def scratch(values, row):
    s = np.zeros((kernel._PAR + kernel.N_PARAMS) * kernel.LANES)
    s[row * kernel.LANES : (row + 1) * kernel.LANES] = values
    return s, s.view(np.uint64)


@LAW
@given(st.lists(st.floats(-650, 650), min_size=kernel.LANES, max_size=kernel.LANES))
def test_exponentials_are_good_to_1e_9(x):
    s, bits = scratch(x, 8)
    kernel._exp(s, bits, 8)
    np.testing.assert_allclose(s[8 * kernel.LANES : 9 * kernel.LANES], np.exp(x), rtol=1e-9)


@LAW
@given(st.lists(st.floats(1e-300, 1e300), min_size=kernel.LANES, max_size=kernel.LANES))
def test_logarithms_are_good_to_1e_9(x):
    s, bits = scratch(x, 8)
    kernel._log(s, bits, 8)
    np.testing.assert_allclose(s[8 * kernel.LANES : 9 * kernel.LANES], np.log(x), rtol=1e-9, atol=1e-10)


def test_zero_and_one_are_exact():
    s, bits = scratch(0.0, 8)
    kernel._exp(s, bits, 8)
    assert np.all(s[8 * kernel.LANES : 9 * kernel.LANES] == 1.0)
    kernel._log(s, bits, 8)
    assert np.all(s[8 * kernel.LANES : 9 * kernel.LANES] == 0.0)


def drawn_normals(blocks):
    lanes, found = kernel.LANES, []
    s, bits = scratch(0.0, 8)
    for block in range(blocks):
        kernel._uniforms(s, bits, 15, np.uint64(block * lanes), 0, 0, np.uint64(1), np.uint64(2))
        u = s[15 * lanes : 17 * lanes].copy()
        kernel._normals(s, bits, 15, 12, 13)
        exact = np.concatenate(box_muller(u[:lanes], u[lanes:]))
        np.testing.assert_allclose(s[12 * lanes : 14 * lanes], exact, rtol=1e-8, atol=1e-8)
        found.append(s[12 * lanes : 14 * lanes].copy())
    return np.array(found).reshape(blocks, 2, lanes)


def test_normals_are_normal_and_apart():
    z = drawn_normals(800)
    assert stats.kstest(z.ravel(), "norm").pvalue > 0.01
    assert abs(np.corrcoef(z[:, 0].ravel(), z[:, 1].ravel())[0, 1]) < 4 / np.sqrt(z.size / 2)
    assert stats.kstest((z**2).sum(axis=1).ravel(), "chi2", args=(2,)).pvalue > 0.01


@pytest.fixture(scope="module")
def whole():
    return setting(11, n=1_024, requests=(0.1, 20.0))


def test_any_piece_of_the_paths_has_the_same_bits(whole):
    together = simulated(whole, micro_below=30.0)
    for size in (128, 384):
        starts = range(0, 1_024, size)
        pieces = [simulated(columns(whole, at, at + size), first=at, micro_below=30.0) for at in starts]
        assert digest(np.concatenate(pieces, axis=1)) == digest(together)


def test_a_path_by_itself_has_the_same_bits(whole):
    together = simulated(whole, micro_below=30.0)
    for path in (0, 127, 500, 1_023):
        params, agent, *frame = columns(whole, path, path + 1)
        alone = np.repeat(params, kernel.LANES, axis=1), np.repeat(agent, kernel.LANES, axis=1), *frame
        assert digest(simulated(alone, first=path, micro_below=30.0)[:, 0]) == digest(together[:, path])


def test_one_thread_and_two_have_the_same_bits(whole):
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one processor")
    before = numba.get_num_threads()
    try:
        found = []
        for threads in (1, 2):
            numba.set_num_threads(threads)
            found.append(digest(simulated(whole, micro_below=30.0)))
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


@pytest.mark.long
def test_the_plainest_processor_of_the_family_has_the_same_bits(whole, tmp_path):
    """Closed form and single requests alike."""
    np.savez(tmp_path / "given.npz", *whole)
    code = (
        "import sys, hashlib, numpy as np\n"
        "from aiecon.kernels import simulation as kernel\n"
        "given = [np.load(sys.argv[1])[f'arr_{place}'] for place in range(6)]\n"
        "params, agent, tiers, season, listed, month = given\n"
        "out = np.zeros((month[-1] + 1, params.shape[1]))\n"
        "key, versions = np.array([7, 3], dtype=np.uint64), np.zeros(4, dtype=np.int64)\n"
        "kernel.simulate(params, agent, int(tiers), season, listed, month, 0, key, versions, 30.0, out)\n"
        "print(hashlib.sha256(out.tobytes()).hexdigest())\n"
    )
    environment = os.environ | {"NUMBA_CPU_NAME": "generic", "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", code, str(tmp_path / "given.npz")]
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert found.stdout.strip() == digest(simulated(whole, micro_below=30.0))


def moments(agent, tiers):
    cost, spread = np.zeros((2 * tiers, agent.shape[1])), np.zeros(agent.shape[1])
    request_moments(agent, tiers, cost, spread)
    return cost, spread


def enumerated(agent, tiers):
    """Mean and variance of a request by summing over how many steps it takes; noise and attempts by their moments."""
    q, cap, first, added, written, sigma, retry, size = agent[: one_by_one.N_AGENT]
    most = int(min(cap, 4_000))
    chance = stats.nbinom.pmf(np.arange(most), size, 1 - q)
    chance[-1] = stats.nbinom.sf(most - 2, size, 1 - q)
    tries, tries_squared = 1 / (1 - retry), (1 + retry) / (1 - retry) ** 2
    total, variance = 0.0, 0.0
    for tier in range(tiers):
        share, p_in, p_out, far, long_in, long_out, batch, discount = agent[one_by_one.N_AGENT + 8 * tier :][:8]
        read = first + added * np.arange(most)
        x = np.where(read >= far, long_in, p_in) * read
        y = np.where(read >= far, long_out, p_out) * written
        step = tries * (x + y)
        step_variance = tries_squared * (x**2 + 2 * x * y + y**2 * np.exp(sigma**2)) - step**2
        run = np.cumsum(step)
        mean = chance @ run
        inside = chance @ run**2 - mean**2 + chance @ np.cumsum(step_variance)
        once = 1 - batch * discount
        total += share * once * mean
        variance += share * once**2 * inside
    return total, variance


def test_moments_of_a_request_are_those_of_all_its_outcomes():
    agent = agents(np.random.default_rng(3), 60, 3)
    cost, spread = moments(agent, 3)
    for lane in range(60):
        mean, variance = enumerated(agent[:, lane], 3)
        np.testing.assert_allclose(cost[:, lane].sum(), mean, rtol=1e-10)
        np.testing.assert_allclose(spread[lane], max(variance, 0) / mean**2, rtol=1e-8, atol=1e-12)


def test_a_request_of_one_certain_step_has_no_spread_at_all():
    agent = agents(np.random.default_rng(4), 200, 3)
    agent[[one_by_one.CONTINUE, one_by_one.OUTPUT_SIGMA, one_by_one.RETRY]] = 0.0
    assert np.all(moments(agent, 3)[1] == 0.0)


@pytest.mark.parametrize("lane", range(6))
def test_at_the_switch_single_requests_have_mean_and_variance_of_the_closed_form(lane):
    """48 requests of each path, tiers in wholes: with them drawn one by one, and as one lognormal."""
    agent = agents(np.random.default_rng(40 + lane), 1, 2)
    agent[[one_by_one.CONTINUE, one_by_one.CAP, one_by_one.ADDED], 0] = 0.7, [6, np.inf][lane % 2], 800.0
    agent[one_by_one.N_AGENT + one_by_one.TIER_SHARE], agent[one_by_one.N_AGENT + 8 + one_by_one.TIER_SHARE] = (
        0.75,
        0.25,
    )
    n = 128 * 160
    cost, spread = moments(agent, 2)
    params = np.zeros((kernel.N_PARAMS + 4, n))
    params[[kernel.USERS, kernel.CEILING, kernel.STAY, kernel.DECLINE, kernel.REQUESTS]] = [
        [48.0], [1e300], [1.0], [1.0], [1.0],
    ]  # fmt: skip
    params[kernel.SPREAD], params[kernel.N_PARAMS :] = spread, cost
    params[kernel.LOOSE_SPREAD] = spread
    given_ = params, np.repeat(agent, n, axis=1), 2, np.zeros(1), np.ones((1, 2)), np.zeros(1, dtype=np.int64)
    mean, variance = 48 * cost.sum(), 48 * cost.sum() ** 2 * spread[0]
    for micro_below in (0.0, 49.0):
        bill = simulated(given_, micro_below=micro_below)[0]
        assert abs(bill.mean() - mean) < 4 * np.sqrt(variance / n)
        fourth = stats.kurtosis(bill) + 2
        assert abs(bill.var() - variance) < 4 * variance * np.sqrt(fourth / n)
