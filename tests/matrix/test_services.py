"""Every public method of every service, visited by everybody, about everybody's things."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import typing
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.access.policy import Permission
from core.config import Settings
from core.errors import AccessRefused, GearboxError, NotFound, SignedOut
from core.services import Services, build
from data.values.actor import Role
from data.values.audit import AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.models import Endpoint
from tests.keys.provider import running_provider
from tests.matrix.declared import CASES, NOBODYS
from tests.matrix.rules import May, Outcome
from tests.matrix.world import OPERATOR, OWNERS, Kind, Owner, World, told

_MEMBER = frozenset(
    {
        Permission.CHAT,
        Permission.MANAGE_OWN_KEYS,
        Permission.MANAGE_OWN_TOKENS,
        Permission.MANAGE_OWN_SESSIONS,
        Permission.SEE_OWN_USAGE,
    }
)
_SCOPES = {
    "token for keys": (Permission.MANAGE_OWN_KEYS, Permission.SEE_OWN_USAGE),
    "token for chat": (Permission.CHAT,),
}
VISITORS: dict[str, tuple[Role, May | None]] = {
    "ended session": (Role.ADMIN, None),
    "deactivated person": (Role.ADMIN, None),
    "member": (Role.MEMBER, _MEMBER),
    "analyst": (Role.ANALYST, _MEMBER | {Permission.SEE_ALL_USAGE}),
    "admin": (Role.ADMIN, frozenset(Permission)),
    **{name: (Role.ADMIN, frozenset(scopes)) for name, scopes in _SCOPES.items()},
}
"""Their role, and what it allows; None for those who have no business here any more."""
_SHORT = 12  # an owner's kind and the like; ids are longer
UNTOLD = {
    "Routing.instead",
    "Connections.resolve",
    "ModelCheck.check",
    "ModelCheck.estimate",
    "CallService.model",
    "CallService.candidates",
    "CallService.operation",
    "VideoService.start",
}
"""Names of models are looked for among one's own only: one that is not there is no refusal."""


@dataclass(frozen=True)
class Visit:
    """What came of one cell of the matrix."""

    method: str
    visitor: str
    owner: Owner
    expected: Outcome
    outcome: Outcome
    words: str
    leaked: tuple[str, ...]
    request_id: str

    @property
    def is_refused(self) -> bool:
        """Whether somebody was kept from something that is there, or from everything of its kind."""
        kept = self.outcome is Outcome.MISSING and self.owner is not Owner.MISSING
        return self.outcome in {Outcome.REFUSED, Outcome.OUT} or (kept and self.method not in UNTOLD)


def found_in_code(kind: type = Services) -> Iterator[str]:
    """Every public method of a service, and of those within its reach, as `Class.method`."""
    hints = typing.get_type_hints(kind) if dataclasses.is_dataclass(kind) else {}
    for name, thing in vars(kind).items():
        if isinstance(thing, property) and thing.fget and not name.startswith("_"):
            hints[name] = typing.get_type_hints(thing.fget)["return"]
        elif inspect.isfunction(thing) and not name.startswith("_"):
            yield f"{kind.__name__}.{name}"
    for name, hint in hints.items():
        if inspect.isclass(hint) and hint.__module__.startswith("core."):
            yield from () if issubclass(hint, BaseModel) else found_in_code(hint)
        elif callable(hint):
            yield f"{kind.__name__}.{name}"


def test_everything_that_services_do_is_declared() -> None:
    found, declared = set(found_in_code()), CASES.keys() | NOBODYS.keys()
    assert not CASES.keys() & NOBODYS.keys()
    assert not found - declared, f"Declare in tests/matrix/declared.py who may do what with: {sorted(found - declared)}"
    assert not declared - found, f"Take out of tests/matrix/declared.py: {sorted(declared - found)}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.campaign)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A whole Gearbox behind a proxy that names people."""
    settings = Settings(
        home=tmp_path,
        database_url=request.getfixturevalue(f"{request.param}_url"),
        sign_in="proxy",
        inner_hosts=("127.0.0.1",),
        kek_source="file",
        local_discovery=False,
        warm_up=False,
    )
    with ExitStack() as stack:
        provider = stack.enter_context(running_provider())
        services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
        yield World(services, provider)


def test_services_let_in_whom_they_shall_and_tell_nobody_else_anything(world: World) -> None:
    visits = list(_visits(world))
    wrong = [each for each in visits if each.outcome is not each.expected]
    assert not wrong, "\n".join(map(str, wrong))
    leaks = [each for each in visits if each.leaked]
    assert not leaks, "\n".join(map(str, leaks))
    _require_alike(visits)
    _require_told(world, visits)
    print(f"{len(visits)} cells of {len(CASES)} methods, {len(leaks)} leaks")  # noqa: T201  # the count is promised


def _visits(world: World) -> Iterator[Visit]:
    numbers = itertools.count(1)
    for (method, case), name in itertools.product(CASES.items(), VISITORS):
        for owner in OWNERS[case.kind]:
            visit = _visit(world, method, name, owner, f"visit-{next(numbers)}")
            yield visit
            if visit.outcome is Outcome.ALLOWED and case.spends:
                world.spent(case.kind, owner, name)


def _visit(world: World, method: str, name: str, owner: Owner, request_id: str) -> Visit:
    case, (role, may) = CASES[method], VISITORS[name]
    expected = case.rule(may or frozenset(), owner) if may or case.for_anybody else Outcome.OUT
    visitor = world.visitor(name, role, scopes=_SCOPES.get(name, ()))
    thing = world.thing(case.kind, owner, visitor)
    outcome = Outcome.ALLOWED
    try:
        words = told(case.call(world.services, replace(visitor.actor, request_id=request_id), thing))
    except GearboxError as error:
        kinds = {AccessRefused: Outcome.REFUSED, NotFound: Outcome.MISSING, SignedOut: Outcome.OUT}
        outcome = next((is_ for kind, is_ in kinds.items() if isinstance(error, kind)), Outcome.SENSELESS)
        words = f"{type(error).__name__}: {error.explain()}"
    named = [thing.id, thing.secret_id or "", thing.provider] if isinstance(thing, Endpoint) else told(thing).split()
    for each in sorted(named, key=len, reverse=True) if case.kind is not Kind.NOTHING else []:
        words = words.replace(each, "...") if len(each) > _SHORT else words  # what they came with is no news
    known = case.known(may or frozenset())
    return Visit(method, name, owner, expected, outcome, words, tuple(world.leaked(words, visitor, known)), request_id)


def _require_alike(visits: list[Visit]) -> None:
    """A visitor who is kept from a thing hears what they hear of one that is not there."""
    missing = {(each.method, each.visitor): each.words for each in visits if each.owner is Owner.MISSING}
    for each in visits:
        if each.outcome is Outcome.MISSING or (each.is_refused and each.owner in {Owner.OTHER, Owner.STRANGE_TEAM}):
            assert each.words == missing[each.method, each.visitor], each


def _require_told(world: World, visits: list[Visit]) -> None:
    """Every refusal is in the audit log."""
    told_of: set[str] = set()
    cursor = None
    while True:
        page = world.services.audit.search(OPERATOR, AuditFilter(outcomes=(AuditOutcome.REFUSED,)), cursor, 500)
        told_of |= {entry.record.request_id for entry in page.entries}
        if (cursor := page.older) is None:
            break
    untold = [each for each in visits if each.is_refused and each.request_id not in told_of]
    assert not untold, "\n".join(map(str, untold))
