"""Words that fill a field and say nothing, told from those that say something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.vocabulary.stand_ins import is_stand_in

NOTHING = [
    "to be decided", "n.a.", "N / A", "null", "nil", "None yet", "coming soon", "TODO: ask finance", "TBD after review",
    "tbd - finance", "[owner]", "<name>", "{{owner}}", "[owner] <team>", "not yet known", "still open", "unknown",
    "to be measured in May", "TO-DO", "xxx", "?", "…", "your name", "to follow", "",
]  # fmt: skip
SOMETHING = [
    "time study of 120 claims", "Anna <anna@example.org>", "[1] offer of March", "offer of March [signed]",
    "To do less by hand the small model is enough", "to be fair to the cheaper model we tried it twice",
    "None of the cheaper models passes", "Nil Ozturk", "open source, MIT", "product owner", "0", "later models fail",
]  # fmt: skip


@pytest.mark.parametrize("words", NOTHING)
def test_what_says_nothing_is_a_stand_in(words):
    assert is_stand_in(words)


@pytest.mark.parametrize("words", SOMETHING)
def test_what_says_something_is_none(words):
    assert not is_stand_in(words)


@LAW
@given(st.sampled_from(NOTHING), st.sampled_from(["{}", " {} ", "({})", "{}.", "– {}!", "*{}*", "“{}”"]), st.booleans())
def test_capitals_blanks_and_marks_around_it_say_no_more(words, around, is_loud):
    assert is_stand_in(around.format(words.upper() if is_loud else words))
