"""`token`: API tokens for programs: make one, list them, end one."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.access.gate import Gate
from core.access.policy import Permission
from core.cli.opened import OPERATOR, opened_gate
from core.clock import moment_of, utc_now
from core.errors import GearboxError
from data.values.people import ApiToken

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    token = commands.add_parser("token", help="API tokens: make one, list them, end one")
    group = token.add_subparsers(dest="token_command", required=True)
    create = group.add_parser("create", help="make a token and print it, once")
    create.add_argument("--name", required=True, help="what will use it")
    create.add_argument(
        "--scope",
        action="append",
        choices=[permission.value for permission in Permission],
        help="what it may do; more than one can be given (default: chat)",
    )
    create.add_argument("--person", help="whose it is: an id or an email (default: the owner, where sign-in is local)")
    create.add_argument("--expires", help="when it ends: days from now, or a date like 2027-01-31 (default: never)")
    create.set_defaults(run=_create)
    listing = group.add_parser("list", help="all tokens, without the tokens themselves")
    listing.add_argument("--person", help="only of this person: an id or an email")
    listing.set_defaults(run=_list)
    revoke = group.add_parser("revoke", help="end a token, everywhere within two seconds")
    revoke.add_argument("id", help="as `token list` shows it")
    revoke.set_defaults(run=_revoke)


def _create(options: argparse.Namespace) -> int:
    expires_at = None if options.expires is None else _instant(options.expires)
    scopes = [Permission(scope) for scope in options.scope or ["chat"]]
    with opened_gate(make=True) as gate:  # programs may be given theirs before the first start
        token, plain = gate.tokens.create(
            OPERATOR, options.name, scopes, expires_at, person_id=_person_id(gate, options.person)
        )
        until = "never expires" if token.expires_at is None else f"expires {token.expires_at:%F %H:%M} UTC"
        print(f"Token {token.id} may {' '.join(sorted(token.scopes))}; {until}. It is shown only this once:")
        print(plain)
    return 0


def _list(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        tokens = gate.tokens
        person_id = None if options.person is None else gate.people.find(OPERATOR, options.person).id
        found = tokens.all(OPERATOR) if person_id is None else tokens.list(OPERATOR, person_id)
        for token in found:
            used = "never used" if token.last_used_at is None else f"used {token.last_used_at:%F %H:%M}"
            print(f"{token.id}  ...{token.last4}  {_state(token):<18}  {used:<21}  of {token.user_id}  ", end="")
            print(f"{' '.join(sorted(token.scopes))}  {token.name}")
        if not found:
            print("There are no tokens.")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        gate.tokens.revoke(OPERATOR, options.id)
        print(f"Token {options.id} is revoked.")
    return 0


def _person_id(gate: Gate, who: str | None) -> str:
    if who is not None:
        return gate.people.find(OPERATOR, who).id
    if gate.sign_in.mode != "local":
        raise GearboxError("Whose shall the token be?", "Say --person with an id or email from `people list`.")
    return gate.sign_in.actor().user_id


def _state(token: ApiToken) -> str:
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%F}"
    if token.expires_at is None:
        return "good"
    return f"{'expired' if token.expires_at <= utc_now() else 'until'} {token.expires_at:%F}"


def _instant(text: str) -> datetime:
    try:
        return utc_now() + timedelta(days=int(text)) if text.isdigit() else moment_of(text)
    except (ValueError, OverflowError):
        raise GearboxError(f"{text} is no date.", "Say days from now, or a date like 2027-01-31.") from None
