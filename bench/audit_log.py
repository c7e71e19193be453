"""A long audit log for benchmarks and pictures: a year of a team of 200, linked by the same writer as a real one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from data.store import OwnerId, open_store
from data.store.audit_chain import ChainWriter
from data.store.engine import for_writing, make_engine
from data.values.actor import Surface
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target

PEOPLE = 200
REPLICAS = 4
_TOGETHER = 5  # events of one group commit
_COMMITS = 500
_YEAR = timedelta(days=365)
_FIRST = ("Ada", "Ben", "Carla", "Dmitri", "Elif", "Femi", "Grace", "Hugo", "Iris", "Jonas")
_LAST = ("Adler", "Brook", "Costa", "Dietz", "Evans", "Fuchs", "Gray", "Haas", "Ito", "Jensen",
         "Kaya", "Lopez", "Moreau", "Novak", "Okafor", "Petrov", "Quinn", "Rossi", "Singh", "Tanaka")  # fmt: skip
_PROVIDERS = ("openai", "anthropic", "mistral", "gemini")
_ENDS = (AuditOutcome.DONE, AuditOutcome.FAILED, AuditOutcome.STOPPED)
_OTHERS = (
    (Action.SIGN_IN, AuditOutcome.DONE, "session"),
    (Action.SIGN_OUT, AuditOutcome.DONE, "session"),
    (Action.KEY_TEST, AuditOutcome.FAILED, "secret"),
    (Action.ACCESS_REFUSED, AuditOutcome.REFUSED, ""),
    (Action.KEY_CREATE, AuditOutcome.DONE, "secret"),
    (Action.KEY_ROTATE, AuditOutcome.DONE, "secret"),
    (Action.SETTINGS_CHANGE, AuditOutcome.DONE, ""),
    (Action.ROLE_CHANGE, AuditOutcome.DONE, "person"),
)
_OTHER_WEIGHTS = (40, 20, 10, 10, 8, 6, 5, 1)


def person(number: int) -> str:
    """The id of a person of this log."""
    return f"{0x9E3779B97F4A7C15 * (number + 1) % 2**64:016x}"


def fill(
    url: str,
    events: int,
    *,
    until: datetime | None = None,
    seed: int = 7,
    commits: int = _COMMITS,
    committed: Callable[[datetime], object] = lambda _at: None,
) -> None:
    """Make a database at `url`, if there is none, and append `events` events that end at `until` (now).

    Args:
        commits: as many of each replica's are written in one transaction.
        committed: called after each transaction with the time that the log has come to.
    """
    end = until or datetime.now(UTC)
    store = open_store(url, owner=OwnerId.current())
    for number in range(PEOPLE):
        store.users.ensure(person(number), f"{_FIRST[number % 10]} {_LAST[number // 10]}")
    deployment_id = store.deployment_id
    store.close()
    clock = _Clock(end - _YEAR, _YEAR / events)
    writers = [ChainWriter(f"replica-{number}", deployment_id, clock) for number in range(REPLICAS)]
    source = _events(random.Random(seed))
    engine = for_writing(make_engine(url))
    written = 0
    while written < events:
        with engine.connect() as connection, connection.begin():
            for writer in writers:
                for _ in range(commits):
                    commit = list(itertools.islice(source, min(_TOGETHER, events - written)))
                    written += len(commit)
                    clock.forward(len(commit))
                    _commit(connection, writer, commit)
        committed(clock())
    engine.dispose()


def _commit(connection: Connection, writer: ChainWriter, events: list[AuditEvent]) -> None:
    if not events:
        return
    writer.begin()
    for event in events:
        writer.append(event)
    writer.write(connection)
    writer.committed()


def _events(rng: random.Random) -> Iterator[AuditEvent]:
    """Endless: mostly calls with their intents, one in a hundred cut off, and now and then something rarer."""
    people = [person(number) for number in range(PEOPLE)]
    weights = [1 / (place + 1) for place in range(PEOPLE)]
    addresses = [f"10.0.{place // 250}.{place % 250 + 1}" for place in range(PEOPLE)]
    for number in itertools.count():
        (place,) = rng.choices(range(PEOPLE), weights)
        actor, address, session = people[place], addresses[place], f"{rng.getrandbits(64):016x}"
        request, secret = f"{rng.getrandbits(64):016x}", secret_target(f"{place * 7919:032x}")
        where = (rng.choices((Surface.CHAT, Surface.API), (3, 1))[0], session, address, request)
        if rng.random() < 0.9:
            operation, details = f"{rng.getrandbits(128):032x}", {"provider": rng.choice(_PROVIDERS)}
            use = (actor, secret, operation, *where)
            yield AuditEvent(Action.KEY_USE, AuditOutcome.INTENT, *use, details)
            if number % 100:
                outcome = rng.choices(_ENDS, (95, 3, 2))[0]
                yield AuditEvent(Action.KEY_USE, outcome, *use, details)
            continue
        action, outcome, kind = rng.choices(_OTHERS, _OTHER_WEIGHTS)[0]
        target = secret if kind == "secret" else f"{kind}:{rng.choice(people)}" if kind else ""
        yield AuditEvent(action, outcome, actor, target, "", *where)


class _Clock:
    def __init__(self, start: datetime, step: timedelta) -> None:
        self._now = start
        self._step = step

    def forward(self, steps: int) -> None:
        self._now += self._step * steps

    def __call__(self) -> datetime:
        return self._now
