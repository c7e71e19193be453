from __future__ import annotations

import re
from pathlib import Path

from core.sandbox.directives import MAX_DELAY_SECONDS, MAX_TIMES, Fault, Scope
from core.sandbox.ordered import STALL_SECONDS
from core.sandbox.refusals import MAX_BODY_BYTES, RETRY_AFTER_SECONDS
from core.sandbox.script import MAX_WORDS, SECONDS_PER_WORD, Pace

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "sandbox.md").read_text()


def test_every_directive_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `\[\[([\w-]+:[\w.]+)\]\]`", TEXT, re.MULTILINE))
    known = {f"fault:{fault}" for fault in Fault} | {f"pace:{pace}" for pace in Pace}
    worded = {"words:500", "say:TEXT", "think:TEXT", "sources:LIST", "dialect:NAME", "call:CALL", "next:CALL"}
    worded |= {"fault-once:500", "delay:1.5"}
    assert documented == known | worded
    assert all(f"`{scope}`" in TEXT for scope in Scope)


def test_the_documented_limits_are_the_real_ones() -> None:
    assert f"at most {MAX_BODY_BYTES // 2**20} MiB" in TEXT
    assert f"at most {MAX_WORDS:,} words" in TEXT
    assert f"at most {MAX_DELAY_SECONDS:.0f}; a video's" in TEXT
    assert f"at most {MAX_TIMES})" in TEXT
    assert f"at most {STALL_SECONDS:.0f} seconds" in TEXT
    assert f"`Retry-After: {RETRY_AFTER_SECONDS}`" in TEXT
    assert f"about {1 / SECONDS_PER_WORD[Pace.NATURAL]:.0f} words a second" in TEXT
    assert f"{1 / SECONDS_PER_WORD[Pace.SLOW]:.0f} words a second" in TEXT
