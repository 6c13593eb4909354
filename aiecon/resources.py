"""Where the shipped notebooks and data lie: inside the wheel under aiecon/_share, in a checkout beside aiecon/."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_SHARE = _PACKAGE / "_share"


def path(name: str) -> Path:
    """Return the path of a shipped file or folder such as 'data/sample/spend.parquet'.

    Examples
    --------
    >>> path("notebooks").is_dir()
    True
    """
    root = _SHARE if _SHARE.is_dir() else _PACKAGE.parent
    found = root / name
    if not found.exists():
        raise FileNotFoundError(f"aiecon ships no '{name}'")
    return found


def package(name: str) -> Path:
    """Return the path of a file that is part of the package itself, such as 'report/fonts'."""
    return _PACKAGE / name
