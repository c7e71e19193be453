"""Everything about who may do what, built in one place from the operator's settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from core.access.access import Access
from core.access.access_rules import NOTHING_AROUND, AccessRules, Around
from core.access.allowing import Allowing
from core.access.holdings import Holdings
from core.access.identities import Identities, ProxyHeaders
from core.access.lockout import Lockout
from core.access.people import People
from core.access.rate_limit import RateLimit
from core.access.roles import RoleRules
from core.access.sessions import Sessions
from core.access.sign_in import SignIn
from core.access.standing import Limits, Standings
from core.access.teams import Teams
from core.access.tokens import Tokens
from core.clock import utc_now
from core.config import Settings
from core.errors import ConfigError, UnderMaintenance
from data.store import Store
from data.values.actor import Actor, Role
from data.values.calls import KeyOwner

_BEGINS_PER_MINUTE = 60
"""Sessions that may begin from one address; a browser that keeps cookies begins one."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The parts; see their modules."""

    access: Access
    sign_in: SignIn
    sessions: Sessions
    people: People
    teams: Teams
    access_rules: AccessRules
    tokens: Tokens
    lockout: Lockout
    rate_limit: RateLimit
    holdings: Holdings


def build_access(
    settings: Settings,
    store: Store,
    clock: Callable[[], datetime] = utc_now,
    elapsed: Callable[[], float] = time.monotonic,
    maintenance: Callable[[], UnderMaintenance | None] = lambda: None,
) -> Access:
    """Build what every service asks; `maintenance` keeps nobody out unless it is given.

    Raises:
        ConfigError: a setting names a role that does not exist.
    """
    standings = Standings(store, role_rules(settings), _limits(settings), clock, elapsed)
    return Access(store, standings, maintenance=maintenance, allowing=Allowing(store, elapsed))


def build_gate(
    settings: Settings,
    store: Store,
    access: Access,
    *,
    remove_keys: Callable[[Actor, KeyOwner, str], int],
    around: Around = NOTHING_AROUND,
    clock: Callable[[], datetime] = utc_now,
    elapsed: Callable[[], float] = time.monotonic,
) -> Gate:
    """Build the parts around `access`.

    Args:
        remove_keys: removes every key of an owner on behalf of an actor, and says how many.
        around: the models and tools there are.
    """
    rules = role_rules(settings)
    lockout = Lockout(store, clock)
    sessions = Sessions(access, store, _limits(settings), clock)
    tokens = Tokens(access, store, lockout, clock)
    sign_in = SignIn(
        store,
        access,
        sessions,
        tokens,
        identities=Identities(store, rules, clock),
        rules=rules,
        headers=ProxyHeaders(settings.proxy_user_header.lower(), settings.proxy_name_header.lower()),
        begins=RateLimit(_BEGINS_PER_MINUTE, elapsed=elapsed),
    )
    return Gate(
        access=access,
        sign_in=sign_in,
        sessions=sessions,
        people=People(
            access,
            store,
            rules,
            partial(_remove, remove_keys, KeyOwner.USER),
            clock=clock,
            usage=settings.forgotten_usage,
        ),
        teams=Teams(access, store, partial(_remove, remove_keys, KeyOwner.TEAM), clock),
        access_rules=AccessRules(access, store, around),
        tokens=tokens,
        lockout=lockout,
        rate_limit=RateLimit(settings.rate_limit, elapsed=elapsed),
        holdings=Holdings(),
    )


def role_rules(settings: Settings) -> RoleRules:
    """The settings about roles.

    Raises:
        ConfigError: one names a role that does not exist.
    """
    unknown = sorted(set(settings.role_names.values()) - {role.value for role in Role})
    if unknown:
        raise ConfigError(
            f"GEARBOX_ROLE_NAMES: there is no role {', '.join(unknown)}.",
            f"Roles are {', '.join(role.value for role in Role)}.",
        )
    claim = settings.role_claim.lower() if settings.sign_in == "proxy" else settings.role_claim
    admins = frozenset(email.casefold() for email in settings.admins)
    return RoleRules(settings.sign_in, claim, settings.role_names, admins)


def _limits(settings: Settings) -> Limits:
    return Limits(timedelta(hours=settings.session_hours), timedelta(hours=settings.session_idle_hours))


def _remove(remove_keys: Callable[[Actor, KeyOwner, str], int], owner: KeyOwner, actor: Actor, owner_id: str) -> int:
    return remove_keys(actor, owner, owner_id)
