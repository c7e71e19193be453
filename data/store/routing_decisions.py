"""Decisions as rows and events. In the caller's transaction."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import UTC
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, select, update

from data.store.outbox import ROUTING_DECISION, post
from data.store.replies import new_id
from data.store.tables import routing_decisions as table
from data.values.errors import NotFound
from data.values.routing import Arm, Chooser, Decision, Level, ReplyChoice, Unfit, Weights
from data.values.tasks import Task

_FORMAT = 1
"""Of `weighed`. What a later one holds besides is not read."""

_ARM = tuple(each.name for each in fields(Arm))
_COST = _ARM.index("cost")
_TOLD = 20
"""Most candidates that the warehouse is told of; all of them are in the state database."""

_TASKS = frozenset(task.value for task in Task)

IN_FORCE = table.c.overruled_by.is_(None)


def keep_decision(connection: Connection, decision: Decision, turn_id: str) -> Decision:
    """Insert a decision with its event; `turn_id` is of a turn that has none yet, or of a program's call.

    Returns it as it was kept: one that is there already, because one choice was sent twice, gets an id of its own.
    """
    if connection.execute(_insert(connection.dialect.name), _row(decision, turn_id)).first() is None:
        decision = replace(decision, id=new_id())
        connection.execute(_insert(connection.dialect.name), _row(decision, turn_id))
    post(connection, ROUTING_DECISION, decision_event(decision, turn_id), decision.decided_at)
    return decision


def overrule(connection: Connection, decision: Decision, turn_id: str) -> Decision:
    """Put a decision in the place of the one in force in a turn, and say which that was.

    What the prompt is about stays as that had it: calls of the turn may be counted by it already.

    Raises:
        NotFound: the turn has none, or it is not the person's.
    """
    mine = (table.c.turn_id == turn_id) & (table.c.user_id == decision.user_id)
    row = connection.execute(select(table).where(mine, IN_FORCE)).one_or_none()
    if row is None:
        raise NotFound("There is no choice of a model to change here.", "Reload the page.")
    before = decision_of(row)
    same = {name: getattr(before, name) for name in ("task", "tasks", "team_ids", "fingerprint")}
    decision = replace(decision, id=new_id(), overrules=before.id, **same)
    connection.execute(update(table).where(table.c.id == before.id).values(overruled_by=decision.id))
    return keep_decision(connection, decision, turn_id)


def decision_of(row: Row[Any]) -> Decision:
    """A row of `routing_decisions`. A task that this release does not know is "other"."""
    weighed = row.weighed
    arms = (Arm(**_named(each)) for each in weighed["arms"])
    return Decision(
        id=row.id,
        user_id=row.user_id,
        task=task_of(row.task),
        chosen=row.chosen,
        chooser=Chooser(row.chooser),
        decided_at=row.decided_at,
        tasks={task_of(name): share for name, share in row.tasks.items()},
        arms=tuple(arms),
        unfit=tuple(Unfit(model_id, why) for model_id, why in weighed["unfit"]),
        team_ids=tuple(row.team_ids),
        weights=Weights(**weighed["weights"]),
        policy=row.policy,
        snapshot=row.snapshot,
        explored=row.explored,
        overrules=row.overrules,
        fingerprint=row.fingerprint,
        propensity=row.propensity,
    )


def choice_of(decision: Decision | None) -> ReplyChoice | None:
    """What the line under a reply needs."""
    if decision is None:
        return None
    is_once = decision.overrules is not None
    return ReplyChoice(decision.id, decision.chooser, decision.task, decision.explored, is_once)


def choice_of_turn(connection: Connection, turn_id: str) -> ReplyChoice | None:
    """How the model of a turn was chosen, where that was written down."""
    query = select(*CHOICE).where(table.c.turn_id == turn_id, IN_FORCE)
    row = connection.execute(query).one_or_none()
    return None if row is None else choice_in(row)


CHOICE = (
    table.c.id.label("decision_id"),
    table.c.chooser.label("decision_chooser"),
    table.c.task.label("decision_task"),
    table.c.explored.label("decision_explored"),
    table.c.overrules.label("decision_overrules"),
)
"""The columns of `choice_in`."""


def choice_in(row: Row[*tuple[Any, ...]]) -> ReplyChoice | None:
    """How a model was chosen, from the columns `CHOICE` of an outer join."""
    if row.decision_id is None:
        return None
    return ReplyChoice(
        row.decision_id,
        Chooser(row.decision_chooser),
        task_of(row.decision_task),
        row.decision_explored,
        is_once=row.decision_overrules is not None,
    )


def task_of(name: str) -> Task:
    """The task of this name; "other" for one that only a later release knows."""
    return Task(name) if name in _TASKS else Task.OTHER


@cache
def _insert(dialect: str) -> Any:
    # Built once: it stands in front of the first token. The PostgreSQL dialect is slow to import.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).on_conflict_do_nothing(index_elements=["id"]).returning(table.c.id)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing(index_elements=["id"]).returning(table.c.id)


def _row(decision: Decision, turn_id: str) -> dict[str, Any]:
    return {
        "id": decision.id,
        "user_id": decision.user_id,
        "turn_id": turn_id,
        "decided_at": decision.decided_at,
        "task": decision.task.value,
        "tasks": {task.value: share for task, share in decision.tasks.items()},
        "chosen": decision.chosen,
        "chooser": decision.chooser.value,
        "explored": decision.explored,
        "team_ids": list(decision.team_ids),
        "weighed": {
            "format": _FORMAT,
            "arms": [_values(arm) for arm in decision.arms],
            "unfit": [[each.model_id, each.why] for each in decision.unfit],
            "weights": asdict(decision.weights),
        },
        "policy": decision.policy,
        "snapshot": decision.snapshot,
        "overrules": decision.overrules,
        "overruled_by": None,
        "fingerprint": decision.fingerprint,
        "propensity": decision.propensity,
    }


def decision_event(decision: Decision, turn_id: str) -> dict[str, Any]:
    """For the warehouse: names and figures, and nothing of the prompt, not even its fingerprint."""
    arm = decision.arm
    return {
        "event_id": decision.id,
        "ts": decision.decided_at.astimezone(UTC).isoformat(),
        "user_id": decision.user_id,
        "turn_id": turn_id,
        "task": decision.task.value,
        "tasks": {task.value: share for task, share in decision.tasks.items()},
        "chosen": decision.chosen,
        "chooser": decision.chooser.value,
        "explored": decision.explored,
        "policy": decision.policy,
        "snapshot": decision.snapshot,
        "overrules": decision.overrules,
        "propensity": decision.propensity,
        "quality": arm and arm.quality,
        "reward": arm and arm.reward,
        "cost_estimate": _digits(arm.cost) if arm else None,
        "seconds_estimate": arm and arm.seconds,
        "cost_weight": decision.weights.cost,
        "speed_weight": decision.weights.speed,
        "candidates": len(decision.arms),
        "arms": [
            {"model": each.model_id, "quality": each.quality, "n": each.n, "reward": each.reward}
            | {"cost": _digits(each.cost), "seconds": each.seconds}
            for each in decision.arms[:_TOLD]
        ],
    }


def _values(arm: Arm) -> list[Any]:
    # A list: there may be hundreds of candidates in front of the first token, and names would double what is kept.
    values = [getattr(arm, name) for name in _ARM]
    values[_COST] = _digits(arm.cost)
    return values


def _named(values: list[Any]) -> dict[str, Any]:
    named = dict(zip(_ARM, values, strict=False))  # what an older release kept lacks the last ones
    named["cost"] = _money(named["cost"])
    if "seen_by" in named:
        named["seen_by"] = Level(named["seen_by"])
        named["rated"] = named["rated"] and tuple(named["rated"])
    return named


def _digits(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _money(digits: str | None) -> Decimal | None:
    return None if digits is None else Decimal(digits)
