"""A seeded history of answers and of what people showed of them, for one writer or for many; also as a process."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from data.learning.routing.counting import COUNTING
from data.store import OwnerId, Store
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.calls import CallIntent, CallOutcome, CallStatus, ErrorKind
from data.values.money import UNPRICED, Cost, CostBasis
from data.values.parts import TextPart
from data.values.routing import Feedback, Signal
from data.values.tasks import Task
from tests.databases import open_store
from tests.store.routing import decision, feedback

START = datetime(2026, 9, 1, tzinfo=UTC)
MODELS = ("sandbox/echo", "local/big", "openai/gpt-large")
PEOPLE = ("user-ann", "user-bob", "user-cy")
_THUMBS = (Signal.THUMB_UP, Signal.THUMB_DOWN, Signal.THUMB_TAKEN_BACK)

Event = Callable[[Store], object]


def opened(url: str) -> Store:
    """A store that counts as the product does."""
    return open_store(url, owner=OwnerId.current(), counting=COUNTING)


def set_up(store: Store, seed: int, turns: int) -> None:
    """Turns with their decisions, whose calls have not ended."""
    rng = random.Random(seed)
    for number in range(turns):
        at, person, model = START + timedelta(days=rng.random() * 80), rng.choice(PEOPLE), rng.choice(MODELS)
        share = rng.random()
        tasks = {Task.CODE: share, Task.MATH: 1 - share}
        made = decision(at, person, model, id=f"decision-{number}", tasks=tasks, team_ids=(rng.choice("ab"),))
        provider, name = model.split("/")
        actor = Actor(person, frozenset())
        call = CallIntent(f"call-{number}", actor, provider, name, at, f"at-{provider}", turn_id=f"turn-{number}")
        begin = BeginTurn(person, None, "", (TextPart("?"),), call, decision=made)
        store.turns.begin(begin).result(30)


def history(seed: int, turns: int, length: int) -> list[Event]:
    """Calls end, and thumbs change: what it comes to must not depend on the order, nor on what is told twice."""
    setting, rng = random.Random(seed), random.Random(seed + 1)
    whose = []
    for _ in range(turns):
        setting.random()
        whose.append((setting.choice(PEOPLE), setting.choice(MODELS)))
        setting.random(), setting.choice("ab")
    events: list[Event] = [_ends(f"call-{number}", _outcome(rng)) for number in range(turns)]
    for number in range(length - turns):
        turn = rng.randrange(turns)
        person, model = whose[turn]
        said = feedback(
            f"turn-{turn}",
            rng.choice(_THUMBS) if rng.random() < 0.7 else rng.choice(list(Signal)),
            START + timedelta(days=rng.random() * 80),
            id=f"feedback-{number}",
            user_id=person,
            model_id=model,
            decision_id=f"decision-{turn}" if rng.random() < 0.9 else None,
        )
        events.append(_shown(said))
    events += rng.sample(events, length // 5)  # told twice
    rng.shuffle(events)
    return events


def _ends(call_id: str, outcome: CallOutcome) -> Event:
    return lambda store: store.calls.conclude(call_id, outcome).result(60)


def _shown(said: Feedback) -> Event:
    return lambda store: store.routing.add_feedback(said)


def _outcome(rng: random.Random) -> CallOutcome:
    status = rng.choice([CallStatus.OK, CallStatus.OK, CallStatus.FAILED, CallStatus.STOPPED])
    cost = Cost(Decimal(rng.randrange(10**6)) / 10**7, CostBasis.PRICED, "USD", "list-1")
    failed = ErrorKind.TIMEOUT if status is CallStatus.FAILED else None
    return CallOutcome(status, rng.random() * 20000, cost=cost if rng.random() < 0.8 else UNPRICED, error_kind=failed)


def part(events: list[Event], place: int, of: int) -> Iterator[Event]:
    """Every `of`-th event, from `place` on."""
    yield from events[place::of]


def main(url: str, *numbers: str) -> None:
    seed, turns, length, place, of = map(int, numbers)
    store = opened(url)
    for number, event in enumerate(part(history(seed, turns, length), place, of)):
        event(store)
        if number == 3:
            sys.stdout.write("under way\n")
            sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
