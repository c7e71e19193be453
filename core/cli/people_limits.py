"""`people limits`: which models and tools everybody, teams and persons may use."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.access.gate import Gate
from core.cli.opened import OPERATOR, opened_gate
from core.errors import GearboxError, NotFound
from data.values.access_rules import Allowed, Lists, RuleOwner, Thing

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_NO_RULE, _NONE = "no-rule", "none"
_LIST = f"entries such as openai/* with commas between them; {_NONE}: nothing may be used; {_NO_RULE}: forget the rule"


def register(group: Commands) -> None:
    """Add it to the commands about people."""
    limits = group.add_parser("limits", help="which models and tools everybody, teams and persons may use")
    commands = limits.add_subparsers(dest="limits_command", required=True)
    show = commands.add_parser("show", help="every rule, or what they come to for a person")
    show.add_argument("--person", help="an id or an email")
    show.set_defaults(run=_show)
    change = commands.add_parser("set", help="what they may use from now on; what is left out stays as it is")
    whose = change.add_mutually_exclusive_group(required=True)
    whose.add_argument("--everybody", action="store_true", help="bounds all other rules")
    whose.add_argument("--team", help="a name or an id; rules of several teams add up")
    whose.add_argument("--person", help="an id or an email; takes the place of their teams' rules")
    change.add_argument("--models", help=_LIST)
    change.add_argument("--tools", help=_LIST.replace("openai/*", "calculator or github__*"))
    change.set_defaults(run=_set)


def _show(options: argparse.Namespace) -> int:
    with opened_gate() as gate:
        if options.person:
            _show_person(gate, options.person)
            return 0
        rules = gate.access_rules.all(OPERATOR)
        for each in rules:
            print(_whose(gate, each.owner, (each.owner_id,)))
            _print(each.lists)
        if not rules:
            print("There is no rule: everybody may use every model and tool they have.")
    return 0


def _show_person(gate: Gate, who: str) -> None:
    person = gate.people.find(OPERATOR, who)
    print(f"{person.display_name} ({person.id})")
    for thing, usable in gate.access_rules.usable(OPERATOR, person.id).items():
        _print_allowed(gate, thing, usable.allowed)


def _print_allowed(gate: Gate, thing: Thing, allowed: Allowed) -> None:
    if not allowed.layers:
        print(f"  {thing.value}: all")
    for number, layer in enumerate(allowed.layers):
        begins = "  " + (f"{thing.value}: " if not number else "and of these: ")
        print(f"{begins}{_said(layer.patterns)}  (rule of {_whose(gate, layer.owner, layer.owner_ids)})")


def _set(options: argparse.Namespace) -> int:
    if options.models is None and options.tools is None:
        raise GearboxError("Nothing is said of models or tools.", "Add --models or --tools.")
    with opened_gate() as gate:
        owner, owner_id = _owner(gate, options)
        known = gate.access_rules.of(OPERATOR, owner, owner_id)
        lists = Lists(_read(options.models, known.models), _read(options.tools, known.tools))
        losing = gate.access_rules.preview(OPERATOR, owner, owner_id, lists).losing
        gate.access_rules.set(OPERATOR, owner, owner_id, lists)
        print(_whose(gate, owner, (owner_id,)))
        _print(lists)
        print(f"{losing} {'person' if losing == 1 else 'people'} may use less than before.")
    return 0


def _owner(gate: Gate, options: argparse.Namespace) -> tuple[RuleOwner, str]:
    if options.everybody:
        return RuleOwner.ORGANISATION, ""
    if options.person:
        return RuleOwner.USER, gate.people.find(OPERATOR, options.person).id
    for team in gate.teams.list(OPERATOR):
        if options.team in {team.id, team.name}:
            return RuleOwner.TEAM, team.id
    raise NotFound("There is no such team.", "`people limits show` and the Admin page name those there are.")


def _read(said: str | None, known: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if said is None:
        return known
    if said in {_NONE, _NO_RULE}:
        return () if said == _NONE else None
    found = tuple(filter(None, re.split(r"[,\s]+", said)))
    if not found:
        raise GearboxError("An empty list leaves open what is meant.", f"Say {_NONE}, or {_NO_RULE}.")
    return found


def _whose(gate: Gate, owner: RuleOwner, owner_ids: Sequence[str]) -> str:
    if owner is RuleOwner.ORGANISATION:
        return "everybody"
    if owner is RuleOwner.TEAM:
        names = {team.id: team.name for team in gate.teams.list(OPERATOR)}
        return f"team {', '.join(names.get(each, each) for each in owner_ids)}"
    return f"person {', '.join(gate.people.find(OPERATOR, each).display_name for each in owner_ids)}"


def _print(lists: Lists) -> None:
    for thing in Thing:
        entries = lists.of(thing)
        print(f"  {thing.value}: {'no rule' if entries is None else _said(entries)}")


def _said(entries: Sequence[str]) -> str:
    return ", ".join(entries) or _NONE
