"""What a person prefers, kept in the database under their id, so that every browser of theirs has it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.models import Sampling

RECENTS = 5
"""How many models the picker remembers as recent."""

MOST_FALLBACKS = 5
"""How many models may be asked one after another when the chosen one does not answer."""

_REMEMBERED = {"recents"}  # noted along the way, at every other prompt: no setting that somebody changed


class Describe(StrEnum):
    """Which models may describe a picture, or write down a sound, for one that can't take it as it is."""

    OFF = "off"  # none
    NEAR = "near"  # of the provider that answers, or on this machine: nobody gets it who would not get it anyway
    ANY = "any"  # all that the person can use


class Preferences(BaseModel):
    """One person's preferences; every field has a default, so an empty row is a valid one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    default_model: str | None = None
    fallbacks: Annotated[tuple[str, ...], Field(max_length=MOST_FALLBACKS)] = ()
    advanced: bool = False
    favourites: tuple[str, ...] = ()
    recents: tuple[str, ...] = ()
    system_prompt: Annotated[str, Field(max_length=20_000)] = ""
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    tools: bool = True
    describe: Describe = Describe.NEAR
    max_tokens: Annotated[int | None, Field(ge=1, le=1_000_000)] = None

    @property
    def sampling(self) -> Sampling:
        """The generation parameters; the provider's defaults unless the advanced switch is on."""
        if not self.advanced:
            return Sampling()
        return Sampling(temperature=self.temperature, max_tokens=self.max_tokens)


class PreferenceService:
    """Loads and saves preferences of the person who acts."""

    def __init__(self, access: Access, store: Store) -> None:
        self._access = access
        self._store = store

    def load(self, actor: Actor) -> Preferences:
        """The stored preferences; a value this release can't read falls back to its default."""
        self._access.require(actor, Permission.CHAT)
        stored = self._store.preferences.load(actor.user_id)
        try:
            return Preferences.model_validate(stored)
        except ValidationError as error:
            bad = {str(fault["loc"][0]) for fault in error.errors()}
            return Preferences.model_validate({key: value for key, value in stored.items() if key not in bad})

    def save(self, actor: Actor, **changes: Any) -> Preferences:
        """Store the changed fields only, so that two browsers don't undo each other.

        The audit log has which ones, and none of their values.

        Raises:
            GearboxError: a value is out of its range; nothing is stored.
        """
        self._access.require(actor, Permission.CHAT)
        unknown = changes.keys() - Preferences.model_fields.keys()
        if unknown:
            raise GearboxError(f"No such preference: {', '.join(sorted(unknown))}.")
        try:
            valid = Preferences.model_validate(changes).model_dump(mode="json", include=set(changes))
        except ValidationError as error:
            fault = error.errors()[0]
            raise GearboxError(f"{str(fault['loc'][0]).replace('_', ' ').capitalize()}: {fault['msg']}.") from None
        told = [_told(actor, changes)] if changes.keys() - _REMEMBERED else []
        self._store.preferences.save(actor.user_id, *told, **valid)
        return self.load(actor)

    def toggle_favourite(self, actor: Actor, model_id: str) -> Preferences:
        """Add a model to the favourites, or take it out."""
        old = self.load(actor).favourites
        new = tuple(m for m in old if m != model_id) if model_id in old else (*old, model_id)
        return self.save(actor, favourites=new)

    def remember_recent(self, actor: Actor, model_id: str) -> Preferences:
        """Put a model first among the recent ones."""
        preferences = self.load(actor)
        recents = (model_id, *(m for m in preferences.recents if m != model_id))[:RECENTS]
        return preferences if recents == preferences.recents else self.save(actor, recents=recents)


def _told(actor: Actor, fields: Iterable[str]) -> AuditEvent:
    return AuditEvent.by(
        actor,
        Action.SETTINGS_CHANGE,
        AuditOutcome.DONE,
        target=f"preferences:{actor.user_id}",
        fields=" ".join(sorted(fields)),
    )
