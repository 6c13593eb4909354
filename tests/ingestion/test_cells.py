import gzip

import pytest

from aiecon.errors import FrameError, InputError
from aiecon.ingestion import cells

TEXT = "a,b\n1,2\n\n3,4\n"


def read(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return cells.read(path, name=path.name)


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path):
    frame, problems = read(tmp_path / "t.csv", TEXT)
    assert (frame.index.tolist(), frame["b"].tolist(), problems) == ([2, 4], ["2", "4"], [])


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace(",", ";"), TEXT.replace("\n", "\r\n"), "a,b\r\n1,2\n\n3,4\r\n"],
    ids=["mark", "semicolons", "windows", "mixed"],
)
def test_marks_semicolons_and_line_ends_of_any_kind_are_read(tmp_path, content):
    frame, _ = read(tmp_path / "t.csv", content)
    assert frame.to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}


def test_a_packed_csv_is_read(tmp_path):
    frame, _ = read(tmp_path / "t.csv.gz", gzip.compress(TEXT.encode()))
    assert frame["a"].tolist() == ["1", "3"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", "a,b\n1,\0\n", "t.csv: it has NUL bytes; export it as CSV in UTF-8"),
        ("t.csv", "\n\n", "t.csv: its first line is blank; a header row"),
        ("t.csv", "", r"t.csv: the file is empty \(0 bytes\)"),
        ("t.csv", "a,b,a\n1,2,3\n", "t.csv: column 'a' stands twice; rename or remove one of the two"),
        ("t.csv", 'a,b\n"1,2\n3,4\n', "t.csv: not readable as CSV .*; look for a quotation mark"),
        ("t.csv", "a,b\nä,2\n".encode("latin-1"), "t.csv: not readable as CSV; export it as UTF-8 text"),
        ("t.csv.gz", gzip.compress(TEXT.encode(), mtime=0)[:20], "t.csv.gz: not a whole gzip file"),
        ("t.csv.gz", TEXT, "t.csv.gz: not a whole gzip file"),
        ("t.parquet", "no", "t.parquet: cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path, name, content, words):
    with pytest.raises(InputError, match=words):
        read(tmp_path / name, content)


def test_odd_lines_and_bad_cells_are_told_together(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2,3\n3,4\n")

    def check(frame, *, name):
        raise FrameError(f"{name}: row {frame.index[0]}: bad")

    with pytest.raises(FrameError) as caught:
        cells.checked(tmp_path / "t.csv", check, name="t.csv")
    assert caught.value.problems == (
        "t.csv: row 2: it has 3 cells and the header 2; look for a stray or missing separator",
        "t.csv: row 3: bad",
    )
