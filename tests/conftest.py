"""Fixtures that several tests share: the sample company's answer and one run of its pack."""

from pathlib import Path

import pandas as pd
import pytest

import aiecon

ASKED_FOR = {"browser": "--browser", "test_wheel.py": "--wheel"}  # folder or file -> the option it needs


def pytest_addoption(parser):
    parser.addoption("--browser", action="store_true", help="also run the tests that need chromium")
    parser.addoption("--wheel", action="store_true", help="also build the wheel and run a pack from it")


def pytest_ignore_collect(collection_path, config):
    """What takes long or needs more than Python is asked for: make test-browser, make test-wheel."""
    needed = [option for name, option in ASKED_FOR.items() if name in collection_path.parts]
    return True if any(not config.getoption(option) for option in needed) else None


@pytest.fixture(scope="session")
def sample_answer():
    return aiecon.ask("spend_forecast")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory) -> Path:
    from aiecon.report import run

    out = tmp_path_factory.mktemp("reports")
    return run.pack("quarterly", run.Request(out=str(out)))


@pytest.fixture
def days():
    """A plain history: 120 days, a weekly shape, slow growth."""
    dates = pd.date_range("2025-12-02", periods=120)
    shape = [100.0, 104.0, 103.0, 99.0, 95.0, 40.0, 38.0]
    values = [shape[date.day_of_week] * (1 + place / 400) for place, date in enumerate(dates)]
    return pd.DataFrame({"date": dates, "value": values})
