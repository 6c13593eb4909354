import re

import pandas as pd
import pytest

from aiecon import resources

DATA = resources.path("data")
FILES = sorted(
    file for file in DATA.rglob("*") if file.suffix in (".csv", ".parquet") and "templates" not in file.parts
)


def dictionary(file):
    readme = file.parent / "README.md"
    return (readme if readme.exists() else DATA / "README.md").read_text() + (DATA / "README.md").read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DATA)))
def test_the_dictionary_names_every_file_and_column(file):
    words = dictionary(file)
    frame = pd.read_csv(file, nrows=1) if file.suffix == ".csv" else pd.read_parquet(file).head(1)
    named = set(re.findall(r"[A-Za-z_0-9*-]+", words))
    assert file.name in words
    missing = [column for column in frame if column not in named and not _by_stem(column, named)]
    assert missing == []


def _by_stem(column, named):
    """A family of columns may be named once: usd_per_mtok_* and its members, CommitmentDiscount and its parts."""
    for stem in ("usd_per_mtok_", "CommitmentDiscount"):
        if column.startswith(stem):
            return column.removeprefix(stem) in named or f"-{column.removeprefix(stem)}" in named
    return False


def test_files_stay_below_five_mebibytes():
    assert max(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 5 * 2**20
