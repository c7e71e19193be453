"""`python -m core flags ...`"""

from __future__ import annotations

import io
import json
import sys

import pytest

from core.cli import flags
from core.errors import GearboxError
from tests.cli.conftest import Gearbox


def test_from_a_first_share_to_a_revert(gearbox: Gearbox) -> None:
    gearbox.set_up(lambda _store, _vault: None)
    said = gearbox.run("flags", "list")
    assert (said.code, said.text.count("version 0")) == (0, 13), said.text
    first = gearbox.run("flags", "set", "mcp", "--share", "25%", "--why", "a first try")
    assert first.text == "mcp is on, version 1.\n"
    assert gearbox.run("flags", "set", "mcp", "--share", "50", "--why", "more").code == 0
    shown = json.loads(gearbox.run("flags", "show", "mcp").text)
    assert [(rule["id"], rule["rollout"]["share"]) for rule in shown["rules"]] == [("share", 50_000)]
    assert gearbox.run("flags", "kill", "mcp", "--why", "it hangs").text == "mcp is killed, version 3.\n"
    history = gearbox.run("flags", "show", "mcp", "--history").text.splitlines()
    assert [line.split("  ")[-3:] for line in history] == [
        ["operator", "killed", "it hangs"], ["operator", "on", "more"], ["operator", "on", "a first try"],
    ]  # fmt: skip
    assert gearbox.run("flags", "revert", "mcp", "1", "--why", "as it was").text == "mcp is on, version 4.\n"
    missing = gearbox.run("flags", "kill", "nothing", "--why", "because")
    assert (missing.code, missing.text) == (2, "There is no such flag. Look at the list of flags.\n")
    assert "off by setting" in gearbox.run("flags", "list", GEARBOX_SANDBOX="false").text
    assert gearbox.run("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", r"This is no flag: Expecting property name .*line 1"),
        ("[]", r"This is no flag: it: Input should be an object"),
        ('{"kind": "colour", "variants": {"a": 1}}', r"no flag: key: Field required; kind: Input should be 'boolean'"),
    ],
)
def test_what_is_no_flag_is_said_field_by_field(monkeypatch: pytest.MonkeyPatch, given: str, said: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    with pytest.raises(GearboxError, match=said) as refused:
        flags._read("x")
    assert "http" not in str(refused.value)
