"""Feature flags: one evaluation in process, plain and through OpenFeature, and how soon a kill is seen elsewhere.

    uv run python -m bench.flags

Garbage is collected between rounds, not within; the baseline of the same run is a dictionary that is looked into.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.access.gate import build_access
from core.clock import utc_now
from core.config import Settings
from core.flag_parts import FlagParts, make_flags
from core.flags.capabilities import Capability
from data.store import OwnerId, Store, open_store
from data.values.actor import Actor, Role, Surface
from data.values.flag_evaluation import FlagContext, evaluate
from data.values.flags import (
    PARTS,
    Attribute,
    Condition,
    Flag,
    FlagKind,
    FlagState,
    Prerequisite,
    Rollout,
    Rule,
    Weight,
)
from data.warehouse.writer import WarehouseWriter

CALLS, ROUNDS, KILLS = 20_000, 5, 10
OWNER = Actor("operator", frozenset(Role), Surface.CLI)
SPLIT = Rule("split", rollout=Rollout(PARTS // 4, (Weight("on"),), "off"))


def flags() -> dict[str, Flag]:
    """A flag without rules, with a rollout, with ten rules before one, and with prerequisites."""
    plain = Flag("plain", FlagKind.BOOLEAN, {"on": True, "off": False}, "on", "off")
    ten = tuple(
        Rule(f"r{number}", (Condition(Attribute.ROLE, ("admin",)), Condition(Attribute.TEAM, (f"t{number}",))), "on")
        for number in range(10)
    )
    made = [
        plain,
        replace(plain, key="split", rules=(SPLIT,)),
        replace(plain, key="ten rules", rules=(*ten, SPLIT)),
        replace(plain, key="needs two", rules=(SPLIT,), prerequisites=(
            Prerequisite("split", "off"), Prerequisite("plain", "on")
        )),
    ]  # fmt: skip
    return {flag.key: flag for flag in made}


def main() -> None:
    """Print both tables."""
    now, known = datetime.now(UTC), flags()
    people = [FlagContext(f"person-{number}", frozenset({"member"}), ("a", "b")) for number in range(CALLS)]
    shown("a look into a dictionary", lambda number: known.get(people[number].user_id))
    for key in known:
        shown(f"evaluate: {key}", lambda number, key=key: evaluate(known, key, people[number], now))  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settings = Settings(home=Path(folder), database_url="", kek_source="file")
        store = open_store(settings.store_url, owner=OwnerId.current())
        stack.callback(store.close)
        one, other = (parts(settings, store, stack) for _ in range(2))
        _through_openfeature(one)
        _kills(one, other)


def parts(settings: Settings, store: Store, stack: ExitStack) -> FlagParts:
    """What one process has."""
    writer = WarehouseWriter(settings.warehouse_path, store.outbox, clock=utc_now)
    made = make_flags(
        settings, build_access(settings, store), store, writer, stack, observe=lambda _flag, _variant: None
    )
    made.flags.is_on(OWNER, Capability.MCP)
    return made


def shown(name: str, call: Callable[[int], object]) -> None:
    """Time every single call of some rounds, and print median and p99 of the best round."""
    best: list[float] = []
    for _ in range(ROUNDS):
        gc.collect()
        gc.disable()
        took = []
        for number in range(CALLS):
            began = time.perf_counter_ns()
            call(number)
            took.append((time.perf_counter_ns() - began) / 1000)
        gc.enable()
        took.sort()
        best = took if not best or took[CALLS * 99 // 100] < best[CALLS * 99 // 100] else best
    print(f"{name:<34} median {best[CALLS // 2]:6.2f} us   p99 {best[CALLS * 99 // 100]:6.2f} us")


def _through_openfeature(one: FlagParts) -> None:
    people = [Actor(f"person-{number % 500}", frozenset({Role.MEMBER}), team_ids=("a",)) for number in range(CALLS)]
    shown("is_on, no rules", lambda number: one.flags.is_on(people[number], Capability.API_GATEWAY))
    one.admin.save(OWNER, replace(one.admin.get(OWNER, "sandbox"), rules=(SPLIT,)))
    shown("is_on, a rollout, exposures", lambda number: one.flags.is_on(people[number], Capability.SANDBOX))


def _kills(one: FlagParts, other: FlagParts) -> None:
    took = []
    for number in range(KILLS):
        state, is_on = (FlagState.KILLED, False) if number % 2 == 0 else (FlagState.ON, True)
        time.sleep(0.37 * number % 1)  # somewhere between two looks
        one.admin.set_state(OWNER, "mcp", state, "the benchmark")
        began = time.perf_counter()
        while other.flags.is_on(OWNER, Capability.MCP) is not is_on:
            time.sleep(0.005)
        took.append(time.perf_counter() - began)
    print(f"a kill is seen elsewhere: median {statistics.median(took):.2f} s, most {max(took):.2f} s")


if __name__ == "__main__":
    main()
