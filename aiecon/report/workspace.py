"""`aiecon new`: a folder to work in, with the notebooks, blank tables to fill and a README that says how."""

import shutil
from pathlib import Path

from aiecon import catalog, resources
from aiecon.errors import InputError

TEMPLATES = "data/templates"


def make(folder: Path) -> list[str]:
    """Make a workspace and return the files in it, by name; InputError when the folder holds anything already.

    Nothing is left behind when it cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: is there already and not empty; name a new folder")
    was_there = folder.exists()
    try:
        (folder / "notebooks").mkdir(parents=True)
        for template in sorted(resources.path(TEMPLATES).iterdir()):
            shutil.copyfile(template, folder / template.name)
        for question in catalog.QUESTIONS:
            if question.is_built:
                name = f"{question.notebook}.ipynb"
                shutil.copyfile(resources.path(f"notebooks/{name}"), folder / "notebooks" / name)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if was_there:
            folder.mkdir(exist_ok=True)
        raise InputError(f"{folder}: cannot be written ({error.strerror})") from None
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
