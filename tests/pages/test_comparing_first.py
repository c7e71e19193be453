"""The models that a comparison begins with."""

from __future__ import annotations

import pytest

from data.values.models import Model
from pages.compare_form import first_two


@pytest.mark.parametrize(
    ("ids", "first"),
    [
        ("studio/a studio/b sandbox/scripted", "studio/a studio/b"),
        ("studio/a sandbox/scripted other/c", "studio/a other/c"),
        ("studio/a studio/b other/c", "studio/a other/c"),
        ("sandbox/scripted studio/a", "sandbox/scripted studio/a"),
        ("sandbox/scripted sandbox/scripted-no-tools", "sandbox/scripted sandbox/scripted-no-tools"),
    ],
)
def test_nobody_compares_a_script_where_there_are_two_models(ids: str, first: str) -> None:
    models = [Model(each.partition("/")[0], each.partition("/")[2], each) for each in ids.split()]
    assert first_two(models) == first.split()
