"""What an effect, an admin's rule and a person's word come to."""

from __future__ import annotations

import pytest

from core.tools.consent import Standing, others_words, rule_for, standing
from data.values.actor import Role
from data.values.media import Blob
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, TextPart, ToolResultPart
from data.values.tool_calls import Approval, Consent, Effect, ToolRule

NONE, READS, OUT, CHANGES = Effect.NONE, Effect.READS, Effect.GOES_OUT, Effect.CHANGES
ALLOW, ASK, NEVER = ToolRule.ALLOW, ToolRule.ASK, ToolRule.NEVER
CLEAN: frozenset[str] = frozenset()
PAGE = frozenset({"page"})
PAGES = PAGE | {"another"}


def always(untrusted: frozenset[str] = CLEAN) -> Consent:
    return Consent("tool", Approval.ALWAYS, untrusted)


@pytest.mark.parametrize("effect", [OUT, CHANGES])
@pytest.mark.parametrize(
    ("rule", "consent", "untrusted", "expected"),
    [
        (ASK, None, CLEAN, Standing.ASKS),
        (ASK, None, PAGE, Standing.ASKS),
        (ALLOW, None, CLEAN, Standing.RUNS),
        (ALLOW, None, PAGE, Standing.ASKS_AGAIN),
        (ASK, always(), CLEAN, Standing.RUNS),
        (ASK, always(), PAGE, Standing.ASKS_AGAIN),
        (ASK, always(PAGE), PAGE, Standing.RUNS),
        (ASK, always(PAGES), PAGE, Standing.RUNS),
        (ASK, always(PAGE), PAGES, Standing.ASKS_AGAIN),
        (ALLOW, always(), PAGE, Standing.ASKS_AGAIN),
        (ALLOW, Consent("tool", Approval.NEVER), CLEAN, Standing.DENIED),
        (ASK, Consent("tool", Approval.NEVER), PAGE, Standing.DENIED),
        (NEVER, always(), CLEAN, Standing.DENIED),
    ],
)
def test_what_does_more_than_answer(
    effect: Effect, rule: ToolRule, consent: Consent | None, untrusted: frozenset[str], expected: Standing
) -> None:
    assert standing(effect, rule, consent, untrusted) is expected


@pytest.mark.parametrize("effect", [NONE, READS])
def test_what_only_answers_runs_unless_an_admin_wants_it_asked(effect: Effect) -> None:
    assert standing(effect, ALLOW, None, PAGE) is Standing.RUNS
    assert standing(effect, ASK, None, CLEAN) is Standing.ASKS
    assert standing(effect, ASK, always(), PAGE) is Standing.RUNS
    assert standing(effect, NEVER, None, CLEAN) is Standing.DENIED


def test_the_rule_for_a_person_is_that_of_their_highest_role() -> None:
    said = {Role.MEMBER: NEVER, Role.ANALYST: ALLOW}
    assert rule_for({Role.MEMBER}, said, OUT) is NEVER
    assert rule_for({Role.MEMBER, Role.ANALYST}, said, OUT) is ALLOW
    assert rule_for({Role.MEMBER, Role.ADMIN}, said, OUT) is ASK
    assert rule_for(frozenset(Role), {Role.ADMIN: NEVER}, OUT) is NEVER
    assert rule_for({Role.ADMIN}, said, READS) is ALLOW
    assert rule_for((), said, CHANGES) is NEVER


def test_files_and_what_tools_bring_from_outside_are_others_words() -> None:
    blob = Blob("d" * 64, "image/png", 3)
    others: list[Part] = [
        ImagePart(blob, "a.png", 1, 1),
        FilePart(Blob("e" * 64, "application/pdf", 3), "a.pdf"),
        AudioPart(Blob("f" * 64, "audio/mpeg", 3), "a.mp3"),
        TextFilePart("a.txt", "hello", 5),
        ToolResultPart("call", (TextPart("x"),), is_untrusted=True),
    ]
    ours: list[Part] = [TextPart("hello"), ToolResultPart("own", (TextPart("x"),))]
    assert len(others_words([*others, *ours])) == len(others)
    assert others_words(ours) == frozenset()
    assert others_words([*others, *others]) == others_words(others)
    assert others_words([TextFilePart("b.txt", "hello", 5)]) == others_words([TextFilePart("a.txt", "hello", 5)])
