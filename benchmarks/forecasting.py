"""The forecast against its peers by rolling origin on real series, its ranges on series not used for them, its speed.

    python benchmarks/forecasting.py           every window (about ten minutes on two cores)
    python benchmarks/forecasting.py --quick   every sixth window

All methods see the same windows in the same run. Ranges are stretched by factors learnt from the windows of the OTHER
series of the same frequency (leave one series out), as a user's series was in no calibration either.
"""

import logging
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from aiecon.forecasting import backtest, calendar, calibration, combine, methods
from aiecon.forecasting.accuracy import pinball_losses
from aiecon.forecasting.ensemble import forecast

HERE = Path(__file__).parent
PLAN = {
    "D": ((120, 28), (365, 28), (365, 91)),
    "W": ((52, 13), (104, 13), (156, 13)),
    "MS": ((18, 6), (24, 6), (36, 6)),
}
LIGHT = {
    name: method
    for name, method in methods.METHODS.items()
    if name not in ("prophet", "arima", "unobserved_components")
}
"""Every method but those of other libraries, which take seconds a window; Prophet is asked apart, as it comes."""
WINDOWS = {"real": 10, "by sum": 5, "synthetic": 2}
DEFAULT, PLAIN, WEIGHED = "default", "plain median", "weighted"
TARGETS = {"D": 0.85, "W": 0.85, "MS": 0.75}


def real_series():
    """Frequency, kind, name -> series."""
    found = {}
    frame = pd.read_parquet(HERE / "data/usage_series.parquet")
    for name, rows in frame.groupby("series_id"):
        values, frequency = rows.set_index("date")["value"].astype(float), rows["freq"].iloc[0]
        if frequency == "h":
            values, frequency = values.resample("D").sum().iloc[1:-1], "D"
        found[frequency, "real", name] = values.asfreq("D") if frequency == "D" else values
    burst = pd.read_csv(HERE.parent / "data/traces/burstgpt_daily.csv")
    for column in ("requests", "total_tokens"):
        dates = pd.date_range("2023-01-01", periods=len(burst))
        found["D", "real", f"burstgpt {column}"] = pd.Series(burst[column].to_numpy(float), dates)
    weeks = pd.read_csv(HERE / "data/openrouter_top10.csv").groupby("week_ending")["total_tokens"].sum()
    found["W", "real", "openrouter"] = pd.Series(
        weeks.to_numpy(float), pd.date_range("2025-11-16", periods=len(weeks), freq="W")
    )
    for (frequency, _, name), values in list(found.items()):
        if frequency == "D" and len(values) > 400:
            found["W", "by sum", name] = values.resample("W").mean().iloc[1:-1]
            found["MS", "by sum", name] = values.resample("MS").sum(min_count=20).dropna().asfreq("MS")
    return found


def synthetic_series(seed=5):
    """Spend that was made up: logistic adoption, AR(1) noise, price cuts and jumps, a week or a year."""
    rng, found = np.random.default_rng(seed), {}
    for place in range(80):
        frequency = "MS" if place < 50 else "D"
        length = int(rng.integers(20, 49) if frequency == "MS" else rng.integers(160, 800))
        time_, speed = np.arange(length), rng.uniform(0.05, 0.35) * (1 if frequency == "MS" else 0.05)
        values = 10 ** rng.uniform(3, 6) / (1 + np.exp(-speed * (time_ - rng.uniform(0, 1.2 * length))))
        noise, keep, spread = np.zeros(length), rng.uniform(0, 0.8), rng.uniform(0.02, 0.2)
        for step in range(1, length):
            noise[step] = keep * noise[step - 1] + spread * rng.normal()
        values *= np.exp(noise)
        for _ in range(rng.poisson(0.9)):
            values[rng.integers(0, length) :] *= rng.uniform(0.5, 0.9)
        for _ in range(rng.poisson(0.35)):
            values[rng.integers(0, length) :] *= rng.uniform(1.2, 2.5)
        if frequency == "D":
            week = np.ones(7)
            week[5:] = rng.uniform(0.2, 1.0)
            values *= week[time_ % 7]
        elif rng.random() < 0.3:
            values *= 1 + 0.15 * np.sin(2 * np.pi * time_ / 12 + rng.uniform(0, 6))
        dates = pd.date_range("2022-01-01", periods=length, freq=frequency)
        found[frequency, "synthetic", f"synthetic {place}"] = pd.Series(values, dates)
    return found


def windows():
    """Key, training series and what came, spread evenly over each series."""
    found = []
    for key, values in {**real_series(), **synthetic_series()}.items():
        plans = [(length, horizon) for length, horizon in PLAN[key[0]] if len(values) >= length + horizon]
        if not plans:  # the short real ones
            horizon = max(4, len(values) // 5)
            plans = [(len(values) - 2 * horizon, horizon)]
        for length, horizon in plans:
            starts = np.unique(np.linspace(length, len(values) - horizon, WINDOWS[key[1]]).astype(int))
            found += [
                ((*key, length, horizon), values.iloc[at - length : at], values.iloc[at : at + horizon])
                for at in starts
                if values.iloc[at : at + horizon].notna().all() and values.iloc[at : at + horizon].abs().sum() > 0
            ]
    return found


def prophet_quantiles(train, future):
    """Prophet as it comes, with its own ranges."""
    from prophet import Prophet

    model = Prophet().fit(pd.DataFrame({"ds": train.index, "y": train.to_numpy()}).dropna())
    np.random.seed(0)  # noqa: NPY002 (it draws from the global generator)
    ahead = pd.DataFrame({"ds": future})
    said = np.quantile(model.predictive_samples(ahead)["yhat"], combine.SHARES, axis=1)
    said[combine.MIDDLE] = model.predict(ahead)["yhat"]
    return said


def tried(window):
    """One window: quantiles of every method before calibration, and what the back-test of the default says."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)  # Prophet tells of every fit
    key, train, test = window
    history = pd.DataFrame({"date": train.index, "series": "total", "value": train.to_numpy()}).dropna()
    values, days = calendar.regular(history, key[0])
    values, horizon = values["total"], key[4]
    asked = methods.family(values, key[0])
    said = backtest.quantiles(backtest.predict(values, test.index, days, LIGHT, {}), values, days, horizon)
    ours = {name: said[name] for name in asked if name in said}
    tests = {
        weighted: backtest.run(
            values, days, asked=methods.asked(None, weighted, key[0], beside=LIGHT), horizon=backtest.TESTED[key[0]]
        )
        for weighted in (False, True)
    }
    is_weighted = methods.is_weighted(values)
    weights = tests[True].weights if set(tests[True].weights or ()) & set(ours) else None
    said[PLAIN], said[WEIGHED] = combine.combined(ours), combine.combined(ours, weights)
    if floor := backtest.has_floor(values):
        said[PLAIN], said[WEIGHED] = np.maximum(said[PLAIN], 0), np.maximum(said[WEIGHED], 0)
    said[DEFAULT] = combine.combined(ours, weights if is_weighted else None)
    said["prophet"] = prophet_quantiles(train, test.index)
    test_run = tests[is_weighted]
    alone = {name: replace(test_run, said=found) for name, found in test_run.members.items()}
    own = {
        name: one.scores() if np.isfinite(one.said).any() else None
        for name, one in {DEFAULT: test_run, **alone}.items()
    }
    return key, test.to_numpy(), said, own, floor


def loss(actual, said):
    """Weighted quantile loss of the five levels, a share of the mean size."""
    found = [pinball_losses(actual, row, level=share) for row, share in zip(said, combine.SHARES, strict=True)]
    return 2 * np.mean(found) / np.mean(np.abs(actual))


def factor_of(scores, level):
    """The share of scores that a level asks for."""
    return float(np.nanquantile(np.concatenate([found[level].ravel() for found in scores]), level))


def report(results):
    """Print the ratios and the coverage by frequency and kind."""
    scores = [calibration.scores(actual, said[DEFAULT]) for _, actual, said, _, _ in results]
    names = sorted({name for _, _, said, _, _ in results for name in said})
    rows = []
    for key, actual, said, own, floor in results:
        others = [
            found
            for found, (other, *_) in zip(scores, results, strict=True)
            if other[0] == key[0] and other[2] != key[2]
        ]
        prior = {level: factor_of(others, level) for level in (calibration.INNER, calibration.OUTER)}
        asked_alone = {
            name: calibration.stretched(said[name], calibration.factors(own.get(name), prior), floor=floor)
            for name in (DEFAULT, *LIGHT)
            if name in said
        }
        given = asked_alone.pop(DEFAULT)
        base = loss(actual, said["prophet"]) + 1e-9
        rows.append(
            {
                "frequency": key[0],
                "kind": key[1],
                "inside 80": np.mean((actual >= given[1]) & (actual <= given[3])),
                "inside 95": np.mean((actual >= given[0]) & (actual <= given[4])),
                "calibrated": np.log((loss(actual, given) + 1e-9) / base),
                "to naive": np.log((loss(actual, given) + 1e-9) / (loss(actual, said["seasonal_naive"]) + 1e-9)),
                **{name: np.log((loss(actual, said[name]) + 1e-9) / base) for name in names if name in said},
                **{f"{name} alone": np.log((loss(actual, one) + 1e-9) / base) for name, one in asked_alone.items()},
            }
        )
    frame = pd.DataFrame(rows)
    for frequency, target in TARGETS.items():
        part = frame[frame["frequency"] == frequency]
        for kind, group in (
            ("real", part[part["kind"] != "synthetic"]),
            ("synthetic", part[part["kind"] == "synthetic"]),
        ):
            if group.empty:
                continue
            ratios = np.exp(group[["calibrated", *names]].mean()).dropna()
            alone = np.exp(group[[f"{name} alone" for name in LIGHT]].mean()).dropna().sort_values()
            print(f"\n{frequency}, {kind}: {len(group)} windows; geometric mean of the loss over Prophet's")
            print(
                f"  the forecast, calibrated {ratios['calibrated']:.2f} (target {target}), over seasonal naive "
                f"{np.exp(group['to naive'].mean()):.2f} (target 0.9); Prophet beaten in "
                f"{np.mean(group['calibrated'] < 0):.0%}"
            )
            print(
                f"  inside its 80 % range {group['inside 80'].mean():.1%}, "
                f"its 95 % range {group['inside 95'].mean():.1%}"
            )
            print(f"  calibrated too: {', '.join(f'{name} {ratio:.3f}' for name, ratio in alone.items())}")
            print(f"  the forecast, calibrated {ratios['calibrated']:.3f}")
            ranked = ratios.drop("calibrated").sort_values()
            print(f"  before calibration: {', '.join(f'{name} {ratio:.3f}' for name, ratio in ranked.items())}")
    print("\nFactors that the series ask for (calibration.MEASURED lies nearer to the real ones):")
    for frequency in TARGETS:
        for kind in ("real", "synthetic"):
            own = [
                found
                for found, (key, *_) in zip(scores, results, strict=True)
                if key[0] == frequency and (key[1] == "synthetic") == (kind == "synthetic")
            ]
            if own:
                said = ", ".join(f"{level:.0%} {factor_of(own, level):.2f}" for level in (0.8, 0.95))
                print(f"  {frequency}, {kind}: {said}")


def speed():
    """Fit and predict of the default, without its back-test, beside Prophet fits; in turns, in one process."""
    logging.disable(logging.CRITICAL)
    print("\nSeconds of one fit and predict (median of 9, in turns), no back-test:")
    every = real_series()
    for name, frequency, length, horizon in (("wp_peyton_manning", "D", 730, 91), ("M1", "MS", 36, 6)):
        values = every[frequency, "real", name].iloc[-length:].dropna()
        history = pd.DataFrame({"date": values.index, "value": values.to_numpy()})
        future = pd.date_range(values.index[-1], periods=horizon + 1, freq=frequency)[1:]
        cases = {
            "default": lambda h=history, n=horizon, f=frequency: forecast(h, horizon=n, frequency=f, origins=1),
            "with back-test": lambda h=history, n=horizon, f=frequency: forecast(h, horizon=n, frequency=f),
            "prophet": lambda v=values, d=future: prophet_quantiles(v, d),
        }
        times = {case: [] for case in cases}
        for turn in range(10):
            for case, run in cases.items():
                started = time.process_time()
                run()
                if turn:
                    times[case].append(time.process_time() - started)
        base = np.median(times["prophet"])
        print(
            f"  {length} {frequency}: "
            + ", ".join(
                f"{case} {np.median(found):.3f} s ({np.median(found) / base:.1f} Prophet fits)"
                for case, found in times.items()
            )
        )


def main():
    every = windows()[:: 6 if "--quick" in sys.argv else 1]
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(tried, every, chunksize=4))
    report(results)
    speed()


if __name__ == "__main__":
    main()
