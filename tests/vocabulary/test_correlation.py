import pytest

from aiecon.errors import InputError
from aiecon.vocabulary.correlation import Correlation


def test_a_row_gives_a_rank_or_a_pearson_correlation():
    assert Correlation(a="x", b="y", rank=-0.3).value == -0.3
    assert Correlation.build({"a": "x", "b": "y", "pearson": 1}).value == 1.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"a": "x", "b": "y"}, "one of rank, pearson is needed"),
        ({"a": "x", "b": "y", "rank": 0.1, "pearson": 0.1}, "only one of rank, pearson"),
        ({"a": "x", "b": "x", "rank": 0.1}, "a and b must be two inputs, got x twice"),
        ({"a": "x", "b": "y", "rank": 1.1}, "rank must be less than or equal to 1, got 1.1"),
        ({"a": "x", "b": "y", "rho": 0.1}, "rho is not a field"),
    ],
)
def test_bad_rows_are_refused_with_words(row, words):
    with pytest.raises(InputError, match=words):
        Correlation.build(row)
