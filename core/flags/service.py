"""What admins do with flags: look, change, kill, take back. Every change is audited and can be reverted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound
from core.flags.capabilities import Capability, declared
from core.flags.flags import Flags
from core.flags.guarding import tried_again
from core.flags.keeping import keep
from core.flags.snapshot import FlagSnapshot, domain_of
from core.flags.stale import StaleFlag, stale
from core.flags.usual_guardrails import as_guarded
from data.store import Store
from data.values.actor import Actor
from data.values.flag_evaluation import Evaluation, FlagContext, evaluate
from data.values.flags import Flag, FlagChange, FlagState, Unit
from data.values.people import Person

_LEAST_WHY = 3
MOST_PEOPLE = 5_000
"""That `reach` counts: it takes about 5 microseconds for each of them and flag."""
MOST_CHANGES = 100
"""Of a flag's history at once."""


class FlagService:
    """For admins. Blocking, thread-safe; a change counts at once in this process, within two seconds in others.

    Args:
        environment: what this deployment is.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        snapshot: FlagSnapshot,
        flags: Flags,
        *,
        environment: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._store = store
        self._snapshot = snapshot
        self._flags = flags
        self._environment = environment
        self._clock = clock
        self._declared = declared()

    def list(self, actor: Actor) -> Sequence[Flag]:
        """Every flag, by key. Raises AccessRefused, as all others here do, for whoever manages no flags."""
        self._access.require(actor, Permission.MANAGE_FLAGS)
        self._snapshot.refresh()
        flags = self._snapshot.flags
        return [flags[key] for key in sorted(flags) if flags[key].state is not FlagState.REMOVED]

    def get(self, actor: Actor, key: str) -> Flag:
        """One flag. Raises NotFound."""
        found = next((flag for flag in self.list(actor) if flag.key == key), None)
        if found is None:
            raise NotFound("There is no such flag.", "Look at the list of flags.")
        return found

    def is_own(self, actor: Actor, key: str) -> bool:
        """Whether it is one of Gearbox's own, which can't be removed."""
        self._access.require(actor, Permission.MANAGE_FLAGS)
        return key in self._declared

    def units(self, actor: Actor, key: str) -> Sequence[Unit]:
        """What it can be divided by. Gearbox's own act also where there is no conversation, or none yet."""
        return (Unit.USER, Unit.TEAM) if self.is_own(actor, key) else tuple(Unit)

    def is_operators(self, actor: Actor, key: str) -> bool:
        """Whether the operator's settings turn off what is behind it, whatever the flag says."""
        return self.is_own(actor, key) and self._flags.is_operators(Capability(key))

    def save(self, actor: Actor, flag: Flag, why: str = "") -> Flag:
        """Keep a flag in the place of the version that it was made of, or a new one (version 0).

        Raises:
            Conflict: somebody else changed it meanwhile.
            FlagRefused: it can't be kept as it is.
            GearboxError: Gearbox's own stay what they are, on or off, and can't be removed.
        """
        self._access.require(actor, Permission.MANAGE_FLAGS)
        return self._saved(actor, flag, why, "changed" if flag.version else "created")

    def set_state(self, actor: Actor, key: str, state: FlagState, why: str) -> Flag:
        """Turn a flag on or off, kill it, or remove it for good; its rules stay as they are. Raises like `save`.

        Raises:
            NotFound: there is none.
            GearboxError: no reason is given.
        """
        flag = self.get(actor, key)
        return self._saved(actor, replace(flag, state=state), _given(why), state.value)

    def revert(self, actor: Actor, key: str, version: int, why: str) -> Flag:
        """Make a flag what it was in an earlier version; that is a change like any other. Raises like `save`.

        Args:
            version: 0 is one of Gearbox's own as it is declared.

        Raises:
            NotFound: there is no such version.
            GearboxError: no reason is given.
        """
        self._access.require(actor, Permission.MANAGE_FLAGS)
        change = self._store.flags.change(key, version)
        then = self._declared.get(key) if version == 0 else change.after if change else None
        now = self._store.flags.all().get(key)
        if then is None or now is None:
            raise NotFound("There is no such version of this flag.", "Look at its history.")
        back = replace(then, version=now.version, created_at=now.created_at)
        return self._saved(actor, back, _given(why), f"reverted to {version}")

    def try_again(self, actor: Actor, key: str, rule_id: str, why: str) -> Flag:
        """Treat as many again as before a guardrail rolled a rollout back; counting begins anew. Raises like `save`.

        Raises:
            NotFound: there is no such flag.
            GearboxError: it was not rolled back, or no reason is given.
        """
        return self._saved(actor, tried_again(self.get(actor, key), rule_id), _given(why), "tried again")

    def history(self, actor: Actor, key: str | None = None) -> Sequence[FlagChange]:
        """What was changed, of one flag or of all, the newest first."""
        self._access.require(actor, Permission.MANAGE_FLAGS)
        # One of Gearbox's own was there before the first change.
        return [
            replace(change, before=self._declared.get(change.after.key)) if change.before is None else change
            for change in self._store.flags.history(key, MOST_CHANGES)
        ]

    def context_of(self, actor: Actor, user_id: str) -> FlagContext:
        """A person as rules see them. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_FLAGS)
        person = self._store.users.find(user_id)
        if person is None:
            raise NotFound("There is no such person.", "Look at the list of people.")
        return self._context(person)

    def evaluate_for(self, actor: Actor, flag: Flag, context: FlagContext) -> Evaluation:
        """What a flag comes to for somebody, also one that is not kept yet; nothing is recorded of it."""
        self._access.require(actor, Permission.MANAGE_FLAGS)
        known = {**self._snapshot.flags, flag.key: flag}
        asked = replace(context, environment=context.environment or self._environment)
        return evaluate(known, flag.key, asked, self._clock())

    def reach(self, actor: Actor) -> Mapping[str, Counter[str]]:
        """How many of the people who may come in get each variant, by flag; conversations are not looked at."""
        self._access.require(actor, Permission.MANAGE_FLAGS)
        flags, now, found = self._snapshot.flags, self._clock(), dict[str, Counter[str]]()
        contexts = [self._context(person) for person in self._store.users.all() if person.is_active][:MOST_PEOPLE]
        for key, flag in flags.items():
            if flag.state is not FlagState.REMOVED:
                found[key] = Counter(evaluate(flags, key, each, now).variant for each in contexts)
        return found

    def stale(self, actor: Actor) -> Sequence[StaleFlag]:
        """Flags that somebody made and that are worth a look."""
        made = {flag.key: flag for flag in self.list(actor) if flag.key not in self._declared}
        return stale(made, self._store.flags.changed(), self._store.flags.uses(), self._clock())

    def _context(self, person: Person) -> FlagContext:
        roles = frozenset(role.value for role in self._access.standings.roles_of(person))
        return FlagContext(person.id, roles, person.team_ids, domain_of(person.email), self._environment)

    def _saved(self, actor: Actor, flag: Flag, why: str, change: str) -> Flag:
        if flag.key in self._declared and flag.unit not in self.units(actor, flag.key):
            raise GearboxError(
                "This flag belongs to Gearbox and can't be divided by conversations.", "Divide it by people or teams."
            )
        before = self._snapshot.flags.get(flag.key)
        return keep(self._store, self._snapshot, as_guarded(flag, before), by=actor, why=why, change=change)


def _given(why: str) -> str:
    if len(why.strip()) < _LEAST_WHY:
        message = "No reason was given." if not why.strip() else "The reason is too short to say anything."
        raise GearboxError(message, f"Say in {_LEAST_WHY} letters or more why: it stays in the history.")
    return why
