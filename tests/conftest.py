"""Fixtures that several tests share: answers for the sample company, and one run of each of its packs."""

import functools
import pickle
from pathlib import Path

import pandas as pd
import pytest
from shared import once

import aiecon

HOLD_FUNCTIONS = ("spend_review", "self_host")  # answers that no file keeps
ASKED_FOR = {"browser": "--browser", "test_wheel.py": "--wheel"}  # folder or file -> the option it needs


def pytest_addoption(parser):
    parser.addoption("--browser", action="store_true", help="also run the tests that need chromium")
    parser.addoption("--wheel", action="store_true", help="also build the wheel and run a pack from it")


def pytest_ignore_collect(collection_path, config):
    """What takes long or needs more than Python is asked for: make test-browser, make test-wheel."""
    needed = [option for name, option in ASKED_FOR.items() if name in collection_path.parts]
    return True if any(not config.getoption(option) for option in needed) else None


@pytest.fixture(scope="session")
def sample_answers(tmp_path_factory):
    """Answers for the sample company by question and profile, each worked out once. Tests change copies alone."""

    @functools.cache
    def answer(name, profile="full"):
        if name in HOLD_FUNCTIONS:
            return aiecon.ask(name, profile=profile)

        def make(folder):
            (folder / "answer").write_bytes(pickle.dumps(aiecon.ask(name, profile=profile)))

        return pickle.loads((once(tmp_path_factory, f"{name}-{profile}", make) / "answer").read_bytes())

    return answer


@pytest.fixture(scope="session")
def sample_answer(sample_answers):
    return sample_answers("spend_forecast")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory) -> Path:
    return pack_of_the_sample("quarterly", "full", tmp_path_factory)


@pytest.fixture(scope="session")
def cfo_run(tmp_path_factory) -> Path:
    return pack_of_the_sample("cfo", "fast", tmp_path_factory)


def pack_of_the_sample(name, profile, tmp_path_factory):
    from aiecon.report import run

    def make(folder):
        run.pack(name, run.Request(out=str(folder), profile=profile))

    (folder,) = once(tmp_path_factory, f"pack-{name}", make).iterdir()
    return folder


@pytest.fixture
def days():
    """A plain history: 120 days, a weekly shape, slow growth."""
    dates = pd.date_range("2025-12-02", periods=120)
    shape = [100.0, 104.0, 103.0, 99.0, 95.0, 40.0, 38.0]
    values = [shape[date.day_of_week] * (1 + place / 400) for place, date in enumerate(dates)]
    return pd.DataFrame({"date": dates, "value": values})
