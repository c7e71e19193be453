"""Whether a call of a tool may run: what its effect, an admin's rule and the person's word come to together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from hashlib import sha256

from data.values.actor import Role
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, ToolResultPart, VideoPart, unfolded
from data.values.tool_calls import Approval, Consent, Effect, ToolRule


class Standing(StrEnum):
    """What becomes of a call."""

    RUNS = "runs"
    ASKS = "asks"
    ASKS_AGAIN = "asks_again"  # it would run, were there not more in the context that others wrote
    DENIED = "denied"


_HIGHEST_FIRST = (Role.ADMIN, Role.ANALYST, Role.MEMBER)


def rule_for(roles: Collection[Role], said: Mapping[Role, ToolRule], effect: Effect) -> ToolRule:
    """The rule for a person: where they have several roles, that of the highest.

    Args:
        said: what an admin said, by role. Where they said nothing, the effect decides: see `usual_rule`.
    """
    highest = next((role for role in _HIGHEST_FIRST if role in roles), Role.MEMBER)
    return said.get(highest) or usual_rule(effect)


def usual_rule(effect: Effect) -> ToolRule:
    """What holds where no admin said anything."""
    return ToolRule.ASK if effect.needs_approval else ToolRule.ALLOW


def standing(effect: Effect, rule: ToolRule, consent: Consent | None, untrusted: frozenset[str]) -> Standing:
    """What becomes of a call.

    A tool that only answers can't carry anything away. One that goes out or changes things may have been called by
    words that others wrote, so no word given before these came in holds, neither the person's nor an admin's.

    Args:
        consent: what the person said of the tool for this conversation.
        untrusted: what others wrote in the context; see `others_words`.
    """
    if rule is ToolRule.NEVER or (consent is not None and consent.approval is Approval.NEVER):
        return Standing.DENIED
    if not effect.needs_approval:
        return Standing.RUNS if rule is ToolRule.ALLOW or consent is not None else Standing.ASKS
    if consent is not None:
        return Standing.RUNS if untrusted <= consent.untrusted else Standing.ASKS_AGAIN
    if rule is ToolRule.ASK:
        return Standing.ASKS
    return Standing.ASKS_AGAIN if untrusted else Standing.RUNS


def others_words(parts: Iterable[Part]) -> frozenset[str]:
    """What in a conversation others may have written, each by an id: files, and what tools brought from outside."""
    found = set()
    for part in unfolded(parts):
        match part:
            case ImagePart() | FilePart() | AudioPart() | VideoPart():
                found.add(part.blob.digest)
            case TextFilePart():
                found.add(sha256(part.text.encode("utf-8", "replace")).hexdigest())
            case ToolResultPart(is_untrusted=True):
                found.add(part.call_id)
            case _:
                pass
    return frozenset(found)
