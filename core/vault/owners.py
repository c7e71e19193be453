"""Whose key it is: who may use one, and who may change it."""

from __future__ import annotations

from core.access.policy import Permission, granted
from core.errors import AccessRefused, NotFound
from data.values.actor import Actor, Surface
from data.values.audit import SYSTEM_ACTOR
from data.values.calls import KeyOwner
from data.values.secrets import SecretOwner

ORGANISATION_ID = ""
"""The owner id of what belongs to the organisation: there is one."""

GEARBOX = Actor(SYSTEM_ACTOR, frozenset(), Surface.BACKGROUND)
"""Who does what nobody asked for, and uses Gearbox's own secrets."""


def seal_name(user_id: str) -> str:
    """The name of the system secret that holds a person's seal."""
    return f"user-seal:{user_id}"


def may_use(owner: SecretOwner, actor: Actor) -> bool:
    """Whether calls of this person may use the key: it is theirs, their team's or the organisation's."""
    if owner.kind is KeyOwner.USER:
        return owner.owner_id == actor.user_id
    if owner.kind is KeyOwner.TEAM:
        return owner.owner_id in actor.team_ids
    return owner.kind is KeyOwner.ORGANISATION


def may_manage(owner: SecretOwner, actor: Actor) -> bool:
    """Whether this person may change the key: it is theirs, or shared and they manage what is shared."""
    if owner.kind is KeyOwner.USER:
        return owner.owner_id == actor.user_id
    shared = owner.kind in {KeyOwner.TEAM, KeyOwner.ORGANISATION}
    return shared and granted(actor, Permission.MANAGE_SHARED_KEYS)


def may_see(kind: KeyOwner, owner_id: str, actor: Actor) -> bool:
    """Whether this person may know that the owner has something: they use it, or they manage what is shared."""
    owner = SecretOwner("", kind, owner_id)
    return may_use(owner, actor) or may_manage(owner, actor)


def require_managed(owner: SecretOwner, actor: Actor) -> None:
    """Go on only for somebody who may change the key.

    Raises:
        NotFound: they can't even see it.
        AccessRefused: they may use it, and not change it.
    """
    if may_manage(owner, actor):
        return
    if may_use(owner, actor):
        raise AccessRefused("This key is shared: you may use it, not change it.", "Ask an admin.")
    raise missing_key()


def require_removable(owner: KeyOwner, owner_id: str, actor: Actor) -> None:
    """Go on only for somebody who may remove all keys of an owner: their own, shared ones, or of a person who leaves.

    Raises:
        AccessRefused: they may not.
    """
    of_people = owner is not KeyOwner.SYSTEM and granted(actor, Permission.MANAGE_PEOPLE)
    if not (of_people or may_manage(SecretOwner("", owner, owner_id), actor)):
        raise AccessRefused("You may not remove these keys.", "Ask an admin.")


def require_system(owner: SecretOwner) -> None:
    """Go on only with a secret of Gearbox's own. Raises NotFound for any other."""
    if owner.kind is not KeyOwner.SYSTEM:
        raise missing_key()


def missing_key() -> NotFound:
    """A foreign key looks exactly like a missing one."""
    return NotFound("There is no such key.", "Enter the key again in the settings.")
