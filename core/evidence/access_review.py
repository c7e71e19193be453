"""The access review: who may come in and as what, and what they come in with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from core.access.gate import role_rules
from core.evidence.archive import Cell, Table
from core.evidence.sources import Sources
from data.values.people import ApiToken, Person, Session


def tables(sources: Sources) -> Iterator[Table]:
    """People, teams, sessions and API tokens as they are now."""
    yield Table(
        "access/people",
        "Everybody who was ever here: roles, teams, last sign-in, whether they may come in.",
        (
            "person_id", "name", "email", "status", "roles", "roles_from", "teams", "first_seen_at", "last_seen_at",
            "days_since_seen", "deactivated_at", "forgotten_at", "live_sessions", "live_tokens",
        ),
        _people(sources),
    )  # fmt: skip
    yield Table(
        "access/teams",
        "Teams, whose members share keys.",
        ("team_id", "name", "created_at", "member_ids", "member_names"),
        (
            (team.id, team.name, team.created_at, team.member_ids, _named(sources, team.member_ids))
            for team in sources.store.teams.all()
        ),
    )
    yield Table(
        "access/sessions",
        "Browsers that are signed in now.",
        (
            "session_id", "person_id", "person", "mode", "created_at", "last_seen_at", "expires_at", "address",
            "user_agent",
        ),
        _sessions(sources),
    )  # fmt: skip
    yield Table(
        "access/api-tokens",
        "API tokens: whose, what they may do, when they expire, when they were last used. Never a token.",
        (
            "token_id", "person_id", "person", "name", "status", "scopes", "created_at", "age_days", "expires_at",
            "last_used_at", "revoked_at",
        ),
        _tokens(sources),
    )  # fmt: skip


def _people(sources: Sources) -> Iterator[tuple[Cell, ...]]:
    rules = role_rules(sources.settings)
    teams = {team.id: team.name for team in sources.store.teams.all()}
    live = Counter(token.user_id for token in sources.store.tokens.of() if _token_status(token, sources.now) == "live")
    signed_in = Counter(session.user_id for session in _live_sessions(sources))
    for person in map(rules.applied, sources.store.users.all()):
        seen = person.last_seen_at
        yield (
            person.id,
            person.display_name,
            person.email,
            _status(person),
            tuple(sorted(role.value for role in person.roles)),
            person.roles_from.value if person.roles_from else "settings",
            tuple(teams.get(team_id, team_id) for team_id in person.team_ids),
            person.created_at,
            seen,
            None if seen is None else sources.days(seen),
            person.deactivated_at,
            person.forgotten_at,
            signed_in[person.id],
            live[person.id],
        )


def _status(person: Person) -> str:
    if person.forgotten_at is not None:
        return "forgotten"
    return "active" if person.is_active else "deactivated"


def _live_sessions(sources: Sources) -> list[Session]:
    idle = timedelta(hours=sources.settings.session_idle_hours)
    found = sources.store.sessions.of(None, sources.now)
    return [session for session in found if session.last_seen_at + idle > sources.now]


def _sessions(sources: Sources) -> Iterator[tuple[Cell, ...]]:
    for each in _live_sessions(sources):
        yield (
            each.id,
            each.user_id,
            sources.names.get(each.user_id),
            each.mode,
            each.created_at,
            each.last_seen_at,
            each.expires_at,
            each.address,
            each.user_agent,
        )


def _tokens(sources: Sources) -> Iterator[tuple[Cell, ...]]:
    for token in sources.store.tokens.of():
        yield (
            token.id,
            token.user_id,
            sources.names.get(token.user_id),
            token.name,
            _token_status(token, sources.now),
            tuple(sorted(token.scopes)),
            token.created_at,
            sources.days(token.created_at),
            token.expires_at,
            token.last_used_at,
            token.revoked_at,
        )


def _token_status(token: ApiToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "live"


def _named(sources: Sources, ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sources.names.get(each, each) for each in ids)
