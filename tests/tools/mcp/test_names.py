from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GearboxError
from core.tools.mcp.names import called, checked_server


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=90), max_size=12))
def test_every_name_will_do_for_every_provider_and_is_nobody_else_s(tools: list[str]) -> None:
    names = called("code-host", tools)
    assert set(names) == set(tools)
    assert len(set(names.values())) == len(names)
    assert all(re.fullmatch(r"code-host__[a-zA-Z0-9_-]+|code-host_[a-zA-Z0-9_-]+", name) for name in names.values())
    assert all(len(name) <= 64 for name in names.values())


def test_plain_names_stay_and_a_name_does_not_depend_on_the_others() -> None:
    assert called("git", ["search", "a_b", "a.b"])["search"] == "git__search"
    assert called("git", ["a_b", "a.b"])["a_b"] == "git__a_b"
    assert called("git", ["a.b", "a_b"])["a_b"] == "git__a_b"
    assert called("git", ["a.b", "a b"])["a.b"] == called("git", ["a b", "a.b", "other"])["a.b"]


@pytest.mark.parametrize("name", ["", "Git", "a__b", "a--b", "-a", "a_b", "ä", "a" * 25, "a b"])
def test_a_server_s_name_is_plain(name: str) -> None:
    with pytest.raises(GearboxError):
        checked_server(name)
    assert checked_server(" git-2 ") == "git-2"
