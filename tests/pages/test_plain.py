"""Names are no markup, and addresses in them no links."""

from __future__ import annotations

import pytest

from pages.plain import plain, unlinked


@pytest.mark.parametrize(
    "name",
    ["http://evil.example", "HTTPS://evil.example/a", "www.evil.example", "me@evil.example", ":material/home:", ":+1:"],
)
def test_an_address_in_a_name_is_no_address_any_more(name: str) -> None:
    shown = unlinked(f"model {name}").replace("\\", "")
    assert name not in shown
    assert shown.replace("\u2060", "") == f"model {name}"


def test_other_names_are_only_escaped() -> None:
    assert unlinked("**gpt-5** [x](y)") == plain("**gpt-5** [x](y)") == r"\*\*gpt\-5\*\* \[x\]\(y\)"
