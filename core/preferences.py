"""What a person prefers, kept in the database under their id, so that every browser of theirs has it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.models import Sampling
from data.values.routing import Weights
from data.values.tasks import Task

RECENTS = 5
"""How many models the picker remembers as recent."""

MOST_FALLBACKS = 5
"""How many models may be asked one after another when the chosen one does not answer."""

MOST_EXCLUDED = 1_000
"""How many models can be kept from being chosen."""

_MODEL_ID = re.compile(r"[^/\s]+/\S.{0,300}")

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
    composes: bool = True
    """Whether a prompt that asks for a picture, a sound, a chart or a film is answered in several parts."""
    plan_from: Annotated[Decimal | None, Field(ge=0, le=1_000)] = Decimal("0.25")
    """US dollars: a plan that is going to cost as much is shown first. 0: every one is. None: none is."""
    ask_when_unsure: bool = False
    """Whether the small model that the operator named is asked what a prompt wants, where the analysis is in doubt."""
    max_tokens: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    auto_ask_from: Annotated[Decimal | None, Field(ge=0, le=1_000)] = Decimal("0.10")
    """US dollars: an answer of a model that Gearbox chose waits for a yes where it is going to cost as much. 0: every
    one whose cost is known. None: none does."""
    weigh_cost: Annotated[float, Field(ge=0, le=1)] = 0.1
    weigh_speed: Annotated[float, Field(ge=0, le=1)] = 0.05
    """What cost and time count beside quality where Gearbox chooses; 0: nothing. See `data.values.routing.Weights`."""
    excluded: Annotated[tuple[str, ...], Field(max_length=MOST_EXCLUDED)] = ()
    """Ids of models that Gearbox never chooses."""
    pins: dict[Task, str] = Field(default_factory=dict)
    """The models that Gearbox takes for tasks, whatever was learned."""
    explores: bool = True
    """Whether Gearbox now and then tries a model that may turn out better."""

    @field_validator("excluded", "pins")
    @classmethod
    def _are_models(cls, named: Any) -> Any:
        """Of what is stored `provider/name` is compared: anything else would never be met, and nobody would know."""
        for model_id in named.values() if isinstance(named, dict) else named:
            if not _MODEL_ID.fullmatch(model_id):
                raise ValueError(f"“{model_id[:80]}” is not the id of a model; one is like openai/gpt-4o.")
        return named

    @field_validator("pins", mode="before")
    @classmethod
    def _are_tasks(cls, pins: Any) -> Any:
        for task in pins if isinstance(pins, dict) else ():
            if task not in set(Task):
                raise ValueError(f"“{str(task)[:80]}” is not a task; they are {', '.join(Task)}.")
        return pins

    @property
    def sampling(self) -> Sampling:
        """The generation parameters; the provider's defaults unless the advanced switch is on."""
        if not self.advanced:
            return Sampling()
        return Sampling(temperature=self.temperature, max_tokens=self.max_tokens)

    @property
    def weights(self) -> Weights:
        """What counts where Gearbox chooses."""
        return Weights(self.weigh_cost, self.weigh_speed)


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
            why = fault["msg"].removeprefix("Value error, ").removesuffix(".")
            raise GearboxError(f"{str(fault['loc'][0]).replace('_', ' ').capitalize()}: {why}.") from None
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
