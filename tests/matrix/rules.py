"""Who may do what to whose things, as rules that the declarations of methods name."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from core.access.policy import Permission
from tests.matrix.world import Owner


class Outcome(StrEnum):
    """How a visit ends."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    MISSING = "there is no such thing"
    OUT = "signed out"
    SENSELESS = "not possible with this"


May = frozenset[Permission]
Rule = Callable[[May, Owner], Outcome]


def needs(*permissions: Permission) -> Rule:
    """One of these, the same for everything, be it there or not."""
    return lambda may, _owner: Outcome.ALLOWED if may.intersection(permissions) else Outcome.REFUSED


def managed(permission: Permission) -> Rule:
    """Whoever manages these finds all of them, and nobody else any."""

    def rule(may: May, owner: Owner) -> Outcome:
        if permission not in may:
            return Outcome.REFUSED
        return Outcome.MISSING if owner is Owner.MISSING else Outcome.ALLOWED

    return rule


def forgets(may: May, owner: Owner) -> Outcome:
    """Whoever manages people forgets others: their own session would end halfway through."""
    found = managed(Permission.MANAGE_PEOPLE)(may, owner)
    return Outcome.SENSELESS if (found, owner) == (Outcome.ALLOWED, Owner.OWN) else found


def own_or_all(own: Permission, others: Permission) -> Rule:
    """One's own with one permission, everybody's with another; also what is not there, which has nothing in it."""
    return lambda may, owner: needs(own if owner is Owner.OWN else others)(may, owner)


def own_or_found(own: Permission, others: Permission) -> Rule:
    """One's own with one permission, everybody's with another; without it they are missing."""

    def rule(may: May, owner: Owner) -> Outcome:
        if owner is Owner.OWN:
            return needs(own)(may, owner)
        return Outcome.ALLOWED if owner is Owner.OTHER and others in may else Outcome.MISSING

    return rule


def for_whom(may: May, owner: Owner) -> Outcome:
    """A token for oneself, or for somebody whom one manages; it carries `chat`, which the maker needs."""
    whose = own_or_all(Permission.MANAGE_OWN_TOKENS, Permission.MANAGE_PEOPLE)(may, owner)
    if whose is Outcome.REFUSED or Permission.CHAT not in may:
        return Outcome.REFUSED
    return Outcome.MISSING if owner is Owner.MISSING else Outcome.ALLOWED


def own_chat(may: May, owner: Owner) -> Outcome:
    """Nobody but its owner finds a conversation."""
    if Permission.CHAT not in may:
        return Outcome.REFUSED
    return Outcome.ALLOWED if owner is Owner.OWN else Outcome.MISSING


def own_question(may: May, owner: Owner) -> Outcome:
    """Nobody but its owner finds a question that is not shared."""
    if Permission.SEE_ALL_USAGE not in may:
        return Outcome.REFUSED
    return Outcome.ALLOWED if owner is Owner.OWN else Outcome.MISSING


def senseless(rule: Rule) -> Rule:
    """Whom the rule lets in is told that it can't be done with this."""

    def told(may: May, owner: Owner) -> Outcome:
        outcome = rule(may, owner)
        return Outcome.SENSELESS if outcome is Outcome.ALLOWED else outcome

    return told


def _in_sight(may: May, owner: Owner) -> bool:
    used = owner in {Owner.OWN, Owner.TEAM, Owner.ORGANISATION}
    return used or (owner is Owner.STRANGE_TEAM and Permission.MANAGE_SHARED_KEYS in may)


def changes_key(may: May, owner: Owner) -> Outcome:
    """One's own keys, and shared ones for those who manage them; what one can't use is missing."""
    shared = owner is not Owner.OWN and _in_sight(may, owner)
    if (Permission.MANAGE_SHARED_KEYS if shared else Permission.MANAGE_OWN_KEYS) not in may:
        return Outcome.REFUSED
    return Outcome.ALLOWED if _in_sight(may, owner) else Outcome.MISSING


def uses_connection(may: May, owner: Owner) -> Outcome:
    """What calls may use, and for those who manage shared keys every team's."""
    if Permission.CHAT not in may:
        return Outcome.REFUSED
    return Outcome.ALLOWED if _in_sight(may, owner) else Outcome.MISSING


def uses_model(may: May, owner: Owner) -> Outcome:
    """Models are those of what calls use, nearest first: a name leads nowhere else."""
    return Outcome.MISSING if owner is Owner.STRANGE_TEAM and Permission.CHAT in may else uses_connection(may, owner)
