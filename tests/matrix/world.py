"""People and what they have, for visits to services: whose each thing is, and the words that tell somebody of it."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from core.access.arrival import Arrival
from core.access.policy import Permission
from core.chat.live import LiveTurn
from core.services import Services
from data.values.actor import Actor, Role, Surface
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind, Wire
from data.values.operations import VideoRequest
from data.values.saved_queries import QueryKind
from tests.keys.provider import Provider

OPERATOR = Actor("operator", frozenset(Role), Surface.CLI)
_numbers = itertools.count(1)


class Owner(StrEnum):
    """Whose a thing is, as the visitor sees it."""

    OWN = "own"
    OTHER = "another person's"
    TEAM = "my team's"
    STRANGE_TEAM = "another team's"
    ORGANISATION = "the organisation's"
    MISSING = "missing"


class Kind(StrEnum):
    """What a method acts on."""

    NOTHING = "nothing"
    CONNECTION = "connection"
    CONVERSATION = "conversation"
    COMPARISON = "comparison"
    TOKEN = "token"
    SESSION = "session"
    PERSON = "person"
    TEAM = "team"
    SHARER = "sharer"
    OWNER = "owner"
    SEAL = "seal"
    VIDEO = "video"
    QUESTION = "question"


class Level(StrEnum):
    """Who may come to know a word besides those whose it is."""

    ID = "who manages people, or sees who they are in numbers"
    PERSON = "who manages people, or sees who they are in numbers"
    TEAM = "who manages people or shared keys"
    PRIVATE = "who reads the audit log, or what models were used"
    SECRET = "nobody"


_TEAMS = (Owner.TEAM, Owner.STRANGE_TEAM, Owner.MISSING)
_PERSONAL = (Owner.OWN, Owner.OTHER, Owner.MISSING)
OWNERS: dict[Kind, tuple[Owner, ...]] = {
    Kind.NOTHING: (Owner.OWN,),
    Kind.CONNECTION: tuple(Owner),
    Kind.CONVERSATION: _PERSONAL,
    Kind.COMPARISON: _PERSONAL,
    Kind.TOKEN: _PERSONAL,
    Kind.SESSION: _PERSONAL,
    Kind.PERSON: _PERSONAL,
    Kind.TEAM: _TEAMS,
    Kind.SHARER: (*_TEAMS, Owner.ORGANISATION),
    Kind.OWNER: tuple(Owner),
    Kind.SEAL: (Owner.OWN,),
    Kind.VIDEO: _PERSONAL,
    Kind.QUESTION: _PERSONAL,
}
SCRIPTED = ("sandbox/scripted", "sandbox/scripted-no-tools")
PASSPHRASE = "a passphrase that nobody else has"


@dataclass(eq=False)
class Resident:
    """A person with a team of their own. `maker` makes their things, `actor` is who visits."""

    mark: str
    maker: Actor
    actor: Actor
    things: dict[tuple[Kind, bool], Any] = field(default_factory=dict)

    @property
    def team(self) -> str:
        return self.maker.team_ids[0]


class World:
    """Makes people and things when a visit needs them, and anew after one that may have changed them."""

    def __init__(self, services: Services, provider: Provider) -> None:
        self.services = services
        self.provider = provider
        self.words: dict[str, tuple[Level, Resident | None]] = {}
        self.visitors: dict[str, Resident] = {}
        self.resident(Role.ADMIN)  # one admin always is left
        self.stranger = self.resident(Role.MEMBER)
        self._shared: Endpoint | None = None

    def resident(self, *roles: Role) -> Resident:
        """Somebody new, in a team of their own."""
        number, services = next(_numbers), self.services
        mark = f"w{uuid.uuid4().hex[:10]}"
        name, team_name = f"{mark}person", f"{mark}team"
        arrival = self.arrival(mark, number)
        person_id = services.sign_in.begin(arrival).actor.user_id
        services.people.set_roles(OPERATOR, person_id, roles)
        team = services.teams.create(OPERATOR, team_name).id
        services.teams.add(OPERATOR, team, person_id)
        actor = services.sign_in.begin(arrival).actor
        maker = Actor(person_id, frozenset(Role), Surface.BACKGROUND, (team,))
        made = Resident(mark, maker, actor)
        for word, level in {
            name: Level.PERSON,
            person_id: Level.ID,
            team: Level.TEAM,
            team_name: Level.TEAM,
        }.items():
            self.words[word] = level, made
        for word in (f"{mark}prompt", f"{mark}plaintext"):
            self.words[word] = Level.SECRET, made
        self.words[f"{mark}private"] = Level.PRIVATE, made
        return made

    def visitor(self, name: str, *roles: Role, scopes: Sequence[Permission] = ()) -> Resident:
        """Who visits under this name, unless they were there already."""
        if name not in self.visitors:
            visitor = self.visitors[name] = self.resident(*roles)
            if scopes:
                _, plain = self.services.tokens.create(
                    OPERATOR, f"{visitor.mark}person", scopes, person_id=visitor.maker.user_id
                )
                arrival = Arrival(headers={"authorization": f"Bearer {plain}"}, address="2001:db8::")
                visitor.actor = self.services.sign_in.admit(arrival, Surface.API)
            if name in {"ended session", "deactivated person"}:
                for kind, owners in OWNERS.items():
                    for owner in owners:
                        self.thing(kind, owner, visitor)  # they can have none made later
            if name == "ended session":
                self.services.sessions.revoke(OPERATOR, visitor.actor.session_id)
            if name == "deactivated person":
                self.services.people.deactivate(OPERATOR, visitor.maker.user_id)
        return self.visitors[name]

    def arrival(self, mark: str, number: int) -> Arrival:
        """Somebody whom the proxy names."""
        user = f"{mark}person@example.org"
        headers = {"x-forwarded-email": user, "x-forwarded-preferred-username": f"{mark}person"}
        return Arrival(headers=headers, address=f"2001:db8::{number:x}", user_agent=f"{mark}person's browser")

    def thing(self, kind: Kind, owner: Owner, visitor: Resident) -> Any:
        """What the visitor names."""
        if owner is Owner.MISSING:
            return _missing(kind)
        if owner is Owner.ORGANISATION and kind is Kind.CONNECTION:
            self._shared = self._shared or self._connection(None, shared=True)
            return self._shared
        if owner is Owner.ORGANISATION:
            return KeyOwner.ORGANISATION, ""
        whose = visitor if owner in {Owner.OWN, Owner.TEAM} else self.stranger
        of_team = owner in {Owner.TEAM, Owner.STRANGE_TEAM}
        return self._own(kind, whose, of_team=of_team)

    def spent(self, kind: Kind, owner: Owner, visitor: str) -> None:
        """A visit was let in: who was there, and what they changed, is made anew for the next one."""
        if kind is Kind.NOTHING or owner in {Owner.OWN, Owner.TEAM}:
            self.visitors.pop(visitor)
        elif owner in {Owner.OTHER, Owner.STRANGE_TEAM}:
            self.stranger = self.resident(Role.MEMBER)
        elif owner is Owner.ORGANISATION:
            self._shared = None

    def leaked(self, text: str, visitor: Resident, levels: frozenset[Level]) -> list[str]:
        """The words in it that the visitor must not know; their own key's text is one, too."""
        return [
            word
            for word, (level, whose) in self.words.items()
            if word in text and level not in levels and (whose is not visitor or word.endswith("plaintext"))
        ]

    def _own(self, kind: Kind, whose: Resident, *, of_team: bool = False) -> Any:
        if (kind, of_team) not in whose.things:
            whose.things[kind, of_team] = self._made(kind, whose, of_team=of_team)
        return whose.things[kind, of_team]

    def _made(self, kind: Kind, whose: Resident, *, of_team: bool) -> Any:
        services, person_id = self.services, whose.maker.user_id
        made: Any = (KeyOwner.TEAM, whose.team) if of_team else (KeyOwner.USER, person_id)
        match kind:
            case Kind.CONNECTION:
                made = self._connection(whose, shared=of_team)
            case Kind.CONVERSATION:
                made = self._known(self._conversation(whose), Level.PRIVATE, whose)
            case Kind.COMPARISON:
                made = self._known(self._comparison(whose), Level.PRIVATE, whose)
            case Kind.TOKEN:
                name = f"{whose.mark}person's token"
                token, plain = services.tokens.create(OPERATOR, name, [Permission.CHAT], person_id=person_id)
                self._known(plain, Level.SECRET, whose)
                made = self._known(token.id, Level.PERSON, whose)
            case Kind.SESSION:
                begun = services.sign_in.begin(self.arrival(whose.mark, next(_numbers)))
                made = self._known(begun.actor.session_id, Level.PERSON, whose)
            case Kind.PERSON:
                made = person_id
            case Kind.TEAM:
                made = whose.team
            case Kind.VIDEO:
                made = self._known(self._video(whose), Level.PRIVATE, whose)
            case Kind.QUESTION:
                kept = services.reports.questions.keep(
                    whose.maker, f"{whose.mark}private", QueryKind.SQL, "SELECT 1", chart=None, shared=False
                )
                made = self._known(kept.id, Level.PRIVATE, whose)
            case Kind.SEAL:
                services.user_seals.create(whose.maker, PASSPHRASE)
        return made

    def _connection(self, whose: Resident | None, *, shared: bool) -> Endpoint:
        """With a key of two versions, of which the older one is in its grace."""
        keys, mark = self.services.keys, whose.mark if whose else f"w{uuid.uuid4().hex[:10]}"
        key = f"sk-{mark}plaintext"
        self.provider.accepted.add(f"{key}-2")
        if shared:
            owner, owner_id = (KeyOwner.TEAM, whose.team) if whose else (KeyOwner.ORGANISATION, "")
            label = f"{mark}team Box"
            made = keys.add_shared_server(
                OPERATOR, owner, owner_id, label=label, base_url=self.provider.base_url, key=key
            )
            keys.rotate(OPERATOR, made.secret_id or "", f"{key}-2")
        else:
            assert whose is not None
            made = keys.add_server(whose.maker, f"{mark}private Box", self.provider.base_url, key)
            keys.rotate(whose.maker, made.secret_id or "", f"{key}-2")
        self.words[f"{mark}plaintext"] = Level.SECRET, whose
        if whose:
            level = Level.TEAM if shared else Level.PRIVATE
            self._known(made.id, level, whose)
            self._known(made.secret_id or "", level, whose)
        return made

    def _conversation(self, whose: Resident) -> str:
        chat, maker = self.services.chat, whose.maker
        model = f"{self._own(Kind.CONNECTION, whose).provider}/small"
        choice = chat.choice(maker, self.services.preferences.load(maker), picked=model, history=[])
        turn = chat.send(maker, None, f"{whose.mark}prompt", choice)
        assert turn.wait_ended(20)
        return turn.begun.conversation_id

    def _comparison(self, whose: Resident) -> str:
        made = self.services.comparing.start(whose.maker, f"{whose.mark}prompt", SCRIPTED, is_blind=False)
        for side in made.sides:
            turn = self.services.chat.live(whose.maker, side.conversation_id)
            assert turn is None or turn.wait_ended(20)
        return made.id

    def _video(self, whose: Resident) -> str:
        """The provider makes none, so it fails; that it was asked for is there all the same."""
        model = f"{self._own(Kind.CONNECTION, whose).provider}/small"
        job = self.services.videos.start(whose.maker, model, VideoRequest(f"{whose.mark}prompt"))
        assert job.taken.exception(20) is not None
        return job.id

    def _known(self, word: str, level: Level, whose: Resident) -> str:
        self.words[word] = level, whose
        return word


def _missing(kind: Kind) -> Any:
    made_up = uuid.uuid4().hex
    if kind is Kind.CONNECTION:
        return Endpoint(
            made_up,
            f"no-{made_up}",
            "None",
            EndpointKind.CUSTOM,
            Wire.OPENAI,
            "http://127.0.0.1:1",
            secret_id=uuid.uuid4().hex,
        )
    if kind is Kind.SHARER:
        return KeyOwner.TEAM, made_up
    return (KeyOwner.USER, made_up) if kind is Kind.OWNER else made_up


def told(answer: object) -> str:
    """Everything that an answer holds, also what its `repr` leaves out."""
    if isinstance(answer, LiveTurn):
        return f"{answer.owner_id} {told(answer.begun)} {told(answer.parts())}"
    if isinstance(answer, BaseModel):
        return told(answer.model_dump())
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        return " ".join(told(getattr(answer, each.name)) for each in dataclasses.fields(answer))
    if isinstance(answer, Mapping):
        return " ".join(f"{told(key)} {told(value)}" for key, value in answer.items())
    if isinstance(answer, list | tuple | set | frozenset):
        return " ".join(map(told, answer))
    return answer.decode("latin-1") if isinstance(answer, bytes) else str(answer)
