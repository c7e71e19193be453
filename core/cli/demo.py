"""`demo`: sample data for whoever wants to see what the pages show before people have used Gearbox. Works beside it."""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from core.errors import GearboxError
from data.store import Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.sample import Seeding

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Event = tuple[str, dict[str, Any]]

_AT_ONCE = 1_000  # events in one transaction: it holds the database for some 20 ms, in which no turn can commit
_MOST_DAYS, _MOST_PEOPLE, _MOST_SEED = 730, 1_000, 2**31 - 1
_MOST_EVENTS = 1_000_000  # they all wait in the database at once if nothing takes them


def register(commands: Commands) -> None:
    """Add the group."""
    demo = commands.add_parser("demo", help="sample data, to see what the pages for analysts show")
    group = demo.add_subparsers(dest="demo_command", required=True)
    seed = group.add_parser("seed", help="make up usage of some days, up to now; every page that shows it says so")
    seed.add_argument("--days", type=_whole(_MOST_DAYS), default=90, help="how many, today included (default: 90)")
    seed.add_argument("--users", type=_whole(_MOST_PEOPLE), default=40, help="how many people (default: 40)")
    seed.add_argument("--seed", type=_whole(_MOST_SEED, 0), default=1, help="the same one, the same data (default: 1)")
    seed.set_defaults(run=_seed)
    clear = group.add_parser("clear", help="remove all sample data; nothing else is touched")
    clear.set_defaults(run=_clear)


def _seed(options: argparse.Namespace) -> int:
    _refuse_too_much(options.days, options.users)
    with opened_vault(make=True) as opened:  # may be the first thing that is done with a new home
        seeding = Seeding(uuid.uuid4().hex, options.seed, options.days, options.users, utc_now())
        opened.store.sample_data.begin(seeding, _event("seeded"))
        told = _told(opened.store, seeding)
    print(f"{told:,} events of {seeding.days} days and {seeding.people} made-up people are on their way.")
    print("A running Gearbox counts them within a minute or two, another at its next start. Usage, Performance, People")
    print("and Quality of analysts and admins mark them as sample data. To remove them: `python -m core demo clear`.")
    return 0


def _clear(_options: argparse.Namespace) -> int:
    with opened_vault() as opened:
        removal = opened.store.sample_data.clear(_event("cleared"))
    if not removal.events:
        print("No sample data is known of. Gearbox removes what there may be in the warehouse all the same.")
        return 0
    print(f"Asked to remove {removal.events:,} sample events; {removal.waiting:,} of them were not counted yet.")
    print("A running Gearbox does it within seconds, another at its next start.")
    return 0


def _told(store: Store, seeding: Seeding) -> int:
    """Put all events into the outbox; returns how many those are."""
    told = 0
    for batch in _batches(seeding):
        began = time.perf_counter()
        store.sample_data.add(seeding.id, batch)
        told += len(batch)
        # As long for others as for this: SQLite gives the lock to whoever asks first, not to who waits longest.
        time.sleep(time.perf_counter() - began)
    return told


def _batches(seeding: Seeding) -> Iterator[list[Event]]:
    import numpy as np

    from data.sample.days import sample_days
    from data.sample.events import events_of

    waiting: list[Event] = []
    rng = np.random.default_rng(seeding.seed)
    for day in sample_days(rng, seeding.begun_at, days=seeding.days, people=seeding.people):
        waiting += events_of(day)
        while len(waiting) >= _AT_ONCE:
            yield waiting[:_AT_ONCE]
            waiting = waiting[_AT_ONCE:]
    if waiting:
        yield waiting


def _refuse_too_much(days: int, people: int) -> None:
    from data.sample.days import ROWS_A_DAY

    expected = round(days * people * ROWS_A_DAY)
    if expected > _MOST_EVENTS:
        raise GearboxError(
            f"{days} days of {people} people would be about {expected:,} events; {_MOST_EVENTS:,} is the most.",
            "Take fewer days or fewer people.",
        )


def _event(change: str) -> AuditEvent:
    return AuditEvent.by(
        OPERATOR, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="warehouse:sample-data", change=change
    )


def _whole(most: int, least: int = 1) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most:,}")
        return int(text)

    return number
