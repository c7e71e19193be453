"""`people`: who may come in, as what, and what they may use."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.access.gate import Gate
from core.cli import people_limits
from core.cli.opened import OPERATOR, opened_gate
from core.errors import GearboxError
from core.retention.receipts import counted
from data.values.actor import Role
from data.values.people import Person

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_ROLES = [role.value for role in Role]


def register(commands: Commands) -> None:
    """Add the group."""
    people = commands.add_parser("people", help="who may come in, as what, and what they may use")
    group = people.add_subparsers(dest="people_command", required=True)
    group.add_parser("list", help="everybody who was ever here").set_defaults(run=_list)
    for name, words, run in (
        ("grant", "give a person a role", _grant),
        ("withdraw", "take a role from a person", _withdraw),
        ("deactivate", "keep a person out: sessions and tokens end everywhere within two seconds", _deactivate),
        ("activate", "let a person in again", _activate),
        ("sign-out", "end every session of a person", _sign_out),
        ("forget", "delete who a person was and what they wrote; can't be undone", _forget),
    ):
        command = group.add_parser(name, help=words)
        command.add_argument("person", help="an id or an email, as `people list` shows them")
        if run in {_grant, _withdraw}:
            command.add_argument("role", choices=_ROLES)
        if run is _forget:
            command.add_argument("--yes", action="store_true", help="really")
        command.set_defaults(run=run)
    people_limits.register(group)


def _list(_options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        for person in gate.people.list(OPERATOR):
            state = "forgotten" if person.forgotten_at else "deactivated" if person.deactivated_at else "active"
            seen = "never seen" if person.last_seen_at is None else f"seen {person.last_seen_at:%F %H:%M}"
            print(f"{person.id:<32}  {state:<11}  {_roles(person):<22}  {seen:<21}  ", end="")
            print(f"{person.display_name}{f' <{person.email}>' if person.email else ''}")
    return 0


def _grant(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        person = _find(gate, options.person)
        return _said(gate.people.set_roles(OPERATOR, person.id, person.roles | {Role(options.role)}))


def _withdraw(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        person = _find(gate, options.person)
        return _said(gate.people.set_roles(OPERATOR, person.id, person.roles - {Role(options.role)}))


def _deactivate(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        return _said(gate.people.deactivate(OPERATOR, _find(gate, options.person).id))


def _activate(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        return _said(gate.people.activate(OPERATOR, _find(gate, options.person).id))


def _sign_out(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        person = _find(gate, options.person)
        ended = gate.sessions.revoke_all(OPERATOR, person.id)
        print(f"{ended} session{'' if ended == 1 else 's'} of {person.display_name} ended.")
    return 0


def _forget(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        person = _find(gate, options.person)
        if not options.yes:
            raise GearboxError(
                f"This deletes the conversations, keys and settings of {person.display_name} for good.", "Add --yes."
            )
        receipt = gate.people.forget(OPERATOR, person.id)
        print(f"{person.id} is forgotten.")
        print(f"Deleted: {counted(receipt.removed)}.")
        print(f"The receipt is {receipt.id}; `retention receipts` lists it.")
    return 0


def _find(gate: Gate, who: str) -> Person:
    return gate.people.find(OPERATOR, who)


def _said(person: Person) -> int:
    state = "active" if person.is_active else "deactivated"
    print(f"{person.display_name} ({person.id}) is {state}: {_roles(person)}.")
    return 0


def _roles(person: Person) -> str:
    return " ".join(sorted(role.value for role in person.roles)) or "no role"
