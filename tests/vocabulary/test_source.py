from pathlib import Path

import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.strict import Strict


class Question(Strict):
    file: Source


TABLE = Table(pd.DataFrame({"value": [1.0]}), digest="d", rows=1, facts={})


@pytest.mark.parametrize("given", ["days.csv", Path("days.csv"), {"path": "days.csv"}, Source(path="days.csv")])
def test_a_path_is_text_a_path_or_a_table(given):
    assert Question(file=given).file == Source(path="days.csv")


def test_a_source_is_written_as_the_path_that_was_given():
    given = Question(file={"path": "../days.csv", "folder": "elsewhere"})
    assert given.model_dump() == {"file": "../days.csv"}
    assert given.model_dump_json() == '{"file":"../days.csv"}'


@pytest.mark.parametrize("given", ["", 5, None])
def test_what_is_no_path_is_refused(given):
    with pytest.raises(InputError, match=r"^file"):
        Question(file=given)


def test_an_unread_source_names_the_call_that_reads_it():
    with pytest.raises(InputError) as caught:
        _ = Source(path="days.csv").table
    assert caught.value.problems == (
        "days.csv has not been read; call aiecon.resolve(inputs) before asking the question",
    )


def test_reading_leaves_the_original_unread():
    source = Source(path="days.csv")
    read = source.read_as(TABLE)
    assert read.table is TABLE
    assert read.is_read
    assert not source.is_read


def test_paths_of_the_sample_company_are_known_as_such():
    assert Source(path="sample:spend.parquet").is_sample
    assert not Source(path="spend.parquet").is_sample
