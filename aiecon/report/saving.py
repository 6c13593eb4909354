"""Inputs as a file that `--inputs` reads."""

from pathlib import Path
from typing import Any

import tomlkit

from aiecon.errors import InputError
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Source
from aiecon.vocabulary.strict import Strict


def save(inputs: QuestionInputs, path: str | Path) -> Path:
    """Write inputs as TOML; a file that is there already is left alone.

    Parameters
    ----------
    inputs
        Of any question, as asked.
    path
        Where; its name ends with .toml.

    Raises
    ------
    InputError
        When the name does not end with .toml, or something is there, or it cannot be written.
    """
    target = Path(path).expanduser()
    if target.suffix != ".toml":
        raise InputError(f"{path or 'no name'}: a name that ends with .toml is expected")
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(tomlkit.dumps(as_given(inputs)))
    except FileExistsError:
        raise InputError(f"{path}: there is a file of this name; choose another") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None
    return target


def as_given(inputs: Strict) -> dict[str, Any]:
    """Return the fields of inputs as a file holds them; files by their whole path, what is empty left out."""
    said = inputs.model_dump(mode="json", exclude_none=True)
    return {name: _placed(getattr(inputs, name), value) for name, value in said.items()}


def _placed(value: Any, said: Any) -> Any:
    if isinstance(value, Source):
        is_placed = value.is_sample or value.is_shipped or (value.folder is None and Path(value.path).is_absolute())
        return said if is_placed else str((Path(value.folder or ".") / Path(value.path).expanduser()).resolve())
    if isinstance(value, Strict):
        return as_given(value)
    if isinstance(value, tuple):
        return [_placed(one, part) for one, part in zip(value, said, strict=True)]
    return said
