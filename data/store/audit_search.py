"""Searching the audit log: the newest events that fit, a page at a time, in bounded time whatever is asked.

One of the wanted facets leads: the rarest, by a count that stops early. Its index gives events in time order, and the
rest is compared on the way. How far a search looks is bounded (`SHARE`), so that a filter that fits nothing answers as
fast as one that fits all; the page then says how far it looked, and its cursor goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from data.store.database import Database
from data.store.tables import audit_events, origins, users
from data.values.audit import AuditOutcome, AuditRecord
from data.values.audit_search import AuditCursor, AuditEntry, AuditFilter, AuditPage

SHARE = 10_000
"""How many events of the leading facet one search looks at."""

MOST = 1_000
"""Most events on one page."""

_NAMED = 20
_KINDS = ("secret", "person", "token", "session", "team", "endpoint", "conversation")
_e = audit_events.c
_NEWEST_FIRST = (_e.at.desc(), _e.chain_id.desc(), _e.seq.desc())

Condition = ColumnElement[bool]
Facet = Sequence[tuple[Column[Any], str]]
"""Alternatives of which an event must fit one; each has an index that begins with the column and goes on with time."""


@dataclass(frozen=True, slots=True)
class _Plan:
    leads: Sequence[Sequence[Condition]]
    """Where to look: an index serves each of them in time order."""
    rest: Sequence[Condition]


class AuditSearch:
    """Pages of the audit log. Blocking."""

    def __init__(self, database: Database, *, share: int = SHARE) -> None:
        self._database = database
        self._share = share

    def page(self, wanted: AuditFilter, cursor: AuditCursor | None, limit: int) -> AuditPage:
        """The newest `limit` events (at most `MOST`) that fit and are older than `cursor`."""
        limit = max(1, min(limit, MOST))
        with self._database.read() as connection:
            plan = _planned(connection, wanted, self._share)
            window = _window(wanted, cursor)
            horizon = _horizon(connection, plan, window, self._share) if plan.rest else None
            rows = connection.execute(_query(plan, window, horizon, limit + 1)).all()
            page, more = rows[:limit], len(rows) > limit
            older = _after(page[-1]) if more else AuditCursor(horizon, "", 0) if horizon else None
            return AuditPage(
                _entries(connection, page),
                older,
                None if more else horizon,
                _names(connection, {row.actor_id for row in page}),
            )


def _planned(connection: Connection, wanted: AuditFilter, share: int) -> _Plan:
    facets = [facet for facet in _facets(connection, wanted) if facet]
    rest: list[Condition] = [_e.surface.in_([surface.value for surface in wanted.surfaces])] if wanted.surfaces else []
    if wanted.folded or AuditOutcome.UNKNOWN in wanted.outcomes:
        rest.append(or_(_e.outcome != AuditOutcome.INTENT.value, ~_settled()))
    text = _clean(wanted.text)
    if text:
        terms = [text, *_ids_of(connection, text)]
        mentions = [pair for term in terms for pair in _mentions(term)]
        if _present(connection, mentions):
            facets.append(mentions)
        else:
            rest.append(or_(*(_e.body.icontains(term, autoescape=True) for term in terms)))
    if not facets:
        return _Plan([()], rest)
    lead = facets[0]
    if len(facets) > 1:  # counting costs as much as looking: only where there is a choice
        lead = min(facets, key=lambda facet: sum(_count(connection, pair, share) for pair in facet))
    leads = _present(connection, lead) or lead[:1]
    # Joined to an empty text a column can't use its index: the planners, which don't know how rare a value is, must not
    # choose another leader.
    rest += [or_(*(column.concat("") == value for column, value in facet)) for facet in facets if facet is not lead]
    return _Plan([[column == value] for column, value in leads], rest)


def _facets(connection: Connection, wanted: AuditFilter) -> Iterable[Facet]:
    outcomes = set(wanted.outcomes)
    if AuditOutcome.UNKNOWN in outcomes:
        outcomes.add(AuditOutcome.INTENT)  # those without an outcome; `_settled` keeps the others out
    yield [(_e.request_id, _clean(wanted.request_id))] if wanted.request_id else []
    yield [(_e.operation, _clean(wanted.operation))] if wanted.operation else []
    yield [(_e.target, _clean(wanted.target))] if wanted.target else []
    yield [(_e.actor_id, _clean(actor_id)) for actor_id in wanted.actor_ids]
    yield [(_e.action, action.value) for action in wanted.actions]
    yield [(_e.outcome, outcome.value) for outcome in sorted(outcomes)]


def _mentions(term: str) -> Facet:
    targets = [(_e.target, f"{kind}:{term}") for kind in _KINDS]
    return [(_e.actor_id, term), (_e.target, term), *targets, (_e.operation, term), (_e.request_id, term)]


def _ids_of(connection: Connection, text: str) -> list[str]:
    """Ids of the people of this name or e-mail address, and of the network address."""
    called = or_(users.c.display_name.icontains(text, autoescape=True), func.lower(users.c.email) == text.lower())
    people = connection.execute(select(users.c.id).where(called).order_by(users.c.id).limit(_NAMED)).scalars()
    from_there = connection.execute(select(origins.c.id).where(origins.c.address == text)).scalars()
    return [*people, *from_there]


def _count(connection: Connection, pair: tuple[Column[Any], str], most: int) -> int:
    column, value = pair
    some = select(column).where(column == value).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _present(connection: Connection, facet: Facet) -> Facet:
    """Those alternatives that any event fits: each of the others would be looked for in vain twice."""
    found = (
        select(literal(place)).where(exists().where(column == value)) for place, (column, value) in enumerate(facet)
    )
    return [facet[at] for at in sorted(connection.execute(union_all(*found)).scalars())]


def _settled() -> Condition:
    """Whether the log has an outcome for the operation of this event."""
    other = audit_events.alias("outcome")
    return exists().where(
        other.c.operation == _e.operation, other.c.operation != "", other.c.outcome != AuditOutcome.INTENT.value
    )


def _window(wanted: AuditFilter, cursor: AuditCursor | None) -> list[Condition]:
    window: list[Condition] = []
    if wanted.since is not None:
        window.append(_e.at >= wanted.since)
    if wanted.until is not None:
        window.append(_e.at < wanted.until)
    if cursor is not None:
        older = or_(_e.chain_id < cursor.chain_id, and_(_e.chain_id == cursor.chain_id, _e.seq < cursor.seq))
        window += [_e.at <= cursor.at, or_(_e.at < cursor.at, older)]
    return window


def _horizon(connection: Connection, plan: _Plan, window: Sequence[Condition], share: int) -> datetime | None:
    """The moment at which this search stops looking; None when what is left fits into its share."""
    far = []
    for lead in plan.leads:
        scanned = select(_e.at).where(*lead, *window).order_by(_e.at.desc())
        scanned = scanned.offset(share // len(plan.leads)).limit(1)
        far.append(connection.execute(scanned).scalar())
    return max((moment for moment in far if moment is not None), default=None)


def _query(plan: _Plan, window: Sequence[Condition], horizon: datetime | None, limit: int) -> Select[Any]:
    near = [] if horizon is None else [_e.at >= horizon]
    branches = [
        select(audit_events).where(*lead, *window, *near, *plan.rest).order_by(*_NEWEST_FIRST).limit(limit)
        for lead in plan.leads
    ]
    if len(branches) == 1:
        return branches[0]
    # Not UNION ALL: an event may be both by and about a person.
    found = union(*(select(branch.subquery()) for branch in branches)).subquery()
    return select(found).order_by(found.c.at.desc(), found.c.chain_id.desc(), found.c.seq.desc()).limit(limit)


def _after(row: Row[Any]) -> AuditCursor:
    return AuditCursor(row.at, row.chain_id, row.seq)


def _entries(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[AuditEntry, ...]:
    operations = {row.operation for row in rows if row.outcome == AuditOutcome.INTENT.value} - {""}
    answered = select(_e.operation).where(_e.operation.in_(operations), _e.outcome != AuditOutcome.INTENT.value)
    settled = set(connection.execute(answered).scalars()) if operations else set()
    named = {origin for row in rows if (origin := _origin(row.body))}
    asked = select(origins.c.id, origins.c.address).where(origins.c.id.in_(named))
    addresses = {row.id: row.address for row in connection.execute(asked)} if named else {}
    return tuple(
        AuditEntry(
            record_of(row),
            AuditOutcome.UNKNOWN.value
            if row.outcome == AuditOutcome.INTENT.value and row.operation not in settled
            else row.outcome,
            addresses.get(_origin(row.body), ""),
        )
        for row in rows
    )


def _names(connection: Connection, ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    known = connection.execute(select(users.c.id, users.c.display_name).where(users.c.id.in_(ids)))
    return {row.id: row.display_name for row in known if row.display_name}


def record_of(row: Row[Any]) -> AuditRecord:
    """A row of `audit_events`."""
    return AuditRecord(**row._mapping)


def _origin(body: str) -> str:
    try:
        origin = json.loads(body)["origin"]
    except (ValueError, LookupError, TypeError):
        return ""  # somebody changed the row; verification says so
    return origin if isinstance(origin, str) else ""


def _clean(text: str) -> str:
    """What a database can be asked for: PostgreSQL refuses NUL, and both drivers lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
