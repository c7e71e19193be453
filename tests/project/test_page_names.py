"""`pages/` is `sys.path[0]` of the Streamlit script: a file there hides every module of the same name."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

import pytest

from tests.project.places import ROOT, python_files

# Folders with an `__init__.py` count too: `pages/email/` would hide the standard library's `email`.
NAMES = sorted(
    {path.parent.name if path.stem == "__init__" else path.stem for path in python_files("pages")} - {"pages"}
)


def test_there_are_names_to_check() -> None:
    assert {"frame", "chat", "settings"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_module_hides_no_other_module(name: str) -> None:
    assert name not in sys.stdlib_module_names
    spec = PathFinder.find_spec(name, [entry for entry in sys.path if entry != str(ROOT / "pages")])
    # A namespace folder somewhere on the path has no origin and loses against any real module.
    assert spec is None or spec.origin is None, f"pages/{name}.py hides {spec.origin}"
