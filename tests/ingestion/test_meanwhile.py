import pytest

from aiecon.ingestion import meanwhile


def test_what_is_left_is_begun_when_the_reader_waits_and_again_asked_for_at_its_end():
    told = []
    with meanwhile.left_for_later(lambda: told.append("begun")):
        assert told == []
        meanwhile.waits()
        assert told == ["begun"]
    assert told == ["begun", "begun"]


def test_what_is_left_is_begun_where_the_reader_fails():
    told = []
    with pytest.raises(ValueError, match="broken"), meanwhile.left_for_later(lambda: told.append("begun")):
        raise ValueError("broken")
    assert told == ["begun"]


def test_outside_of_a_reader_nobody_waits_for_anything():
    told = []
    with meanwhile.left_for_later(lambda: told.append("begun")):
        pass
    meanwhile.waits()
    assert told == ["begun"]
