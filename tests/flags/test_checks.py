"""What can't be kept as a flag."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from data.values.flag_checks import FlagRefused, check
from data.values.flags import PARTS, FlagKind, FlagState, Prerequisite, Rollout, Rule, Step, Weight
from tests.flags.test_evaluation import NOW, flag, rollout

GOOD = flag(rollout(50))


def divided(**said: Any) -> Rule:
    return Rule("r", rollout=replace(Rollout(5, (Weight("on"),), "off"), **said))


def test_a_sound_flag_is_kept() -> None:
    check(GOOD, {})
    check(replace(GOOD, kind=FlagKind.JSON, variants={"on": {"a": [1]}, "off": []}), {"x": GOOD})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": "Two words"}, "key"),
        ({"key": ""}, "key"),
        ({"key": "a" * 65}, "key"),
        ({"variants": {}}, "variants"),
        ({"variants": {"on": True, "off": 0}}, "no boolean"),
        ({"kind": FlagKind.NUMBER, "variants": {"on": float("nan"), "off": 1}}, "no number"),
        ({"kind": FlagKind.NUMBER}, "no number"),
        ({"kind": FlagKind.STRING, "variants": {"on": "", "o f": ""}}, "variant's name"),
        ({"default": "maybe"}, "maybe"),
        ({"off": "maybe"}, "maybe"),
        ({"rules": (rollout(5), rollout(5))}, "2 rules have the id 'roll'"),
        ({"rules": tuple(Rule(f"r{place}", variant="on") for place in range(51))}, "at most 50 rules, not 51"),
        ({"rules": (Rule("r"),)}, "Rule 1: it says either"),
        ({"rules": (Rule("r", variant="maybe"),)}, "maybe"),
        ({"rules": (divided(share=PARTS + 1),)}, "0 to 100%"),
        ({"rules": (divided(treated=()),)}, "at least one variant"),
        ({"rules": (divided(treated=(Weight("on", 0),)),)}, "weight"),
        ({"rules": (divided(steps=(Step(NOW.replace(tzinfo=None), 5),)),)}, "time zone"),
        ({"rules": (divided(steps=(Step(NOW, 5), Step(NOW, 6))),)}, "in order of time"),
        ({"description": "x" * 70_000}, "64 KB"),
        ({"prerequisites": (Prerequisite("none", "on"),)}, "no flag none"),
        ({"prerequisites": (Prerequisite("y", "maybe"),)}, "no variant maybe"),
        ({"prerequisites": (Prerequisite("x", "on"),)}, "x → x"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], words: str) -> None:
    with pytest.raises(FlagRefused, match=words) as refusal:
        check(replace(GOOD, **change), {"y": flag(key="y")})
    assert refusal.value.remedy


def test_prerequisites_lead_to_no_circle_and_not_to_too_many() -> None:
    chain = {f"f{n}": flag(key=f"f{n}", prerequisites=(Prerequisite(f"f{n + 1}", "on"),)) for n in range(3)}
    chain["f3"] = flag(key="f3")
    check(flag(key="f3", default="on"), chain)
    with pytest.raises(FlagRefused, match="f3 → f0 → f1 → f2 → f3"):
        check(flag(key="f3", prerequisites=(Prerequisite("f0", "on"),)), chain)
    # Each needs the two before it: one more doubles what has to be looked at.
    wide = {"f0": flag(key="f0"), "f1": flag(key="f1")}
    with pytest.raises(FlagRefused, match="more than 20"):
        for n in range(2, 40):
            needs = tuple(Prerequisite(f"f{n - back}", "on") for back in (1, 2))
            wide[f"f{n}"] = flag(key=f"f{n}", prerequisites=needs)
            check(wide[f"f{n}"], wide)


def test_what_others_need_stays() -> None:
    others = {"x": GOOD, "y": flag(key="y", prerequisites=(Prerequisite("x", "on"),))}
    with pytest.raises(FlagRefused, match="Other flags need it: y"):
        check(replace(GOOD, state=FlagState.REMOVED), others)
    with pytest.raises(FlagRefused, match="The flag y needs a variant"):
        check(replace(GOOD, variants={"off": False}, rules=()), others)
    check(replace(GOOD, state=FlagState.REMOVED), {"x": GOOD})
