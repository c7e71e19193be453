"""`flags`: what is on for whom; set, kill, and take back."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from core.access.gate import build_access
from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from core.errors import GearboxError
from core.flag_parts import make_service
from core.flags.service import FlagService
from data.values.flags import PARTS, Flag, FlagState, Rollout, Rule, Weight, from_json, to_json

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_MOST_FAULTS = 5
_SHARE = "share"
"""Id of the rule that `set --share` makes."""


def register(commands: Commands) -> None:
    """Add the group."""
    flags = commands.add_parser("flags", help="what is on for whom; set, kill, and take back")
    group = flags.add_subparsers(dest="flags_command", required=True)
    group.add_parser("list", help="every flag, and its state").set_defaults(run=_list)
    show = group.add_parser("show", help="one flag as JSON")
    show.add_argument("--history", action="store_true", help="its changes instead, the newest first")
    show.set_defaults(run=_show)
    change = group.add_parser("set", help="turn it on or off, give a share, or read the whole flag as JSON from stdin")
    what = change.add_mutually_exclusive_group(required=True)
    what.add_argument("--state", choices=[FlagState.ON.value, FlagState.OFF.value])
    what.add_argument("--share", type=_percent, help="percent of its units that get its first variant that is not off")
    what.add_argument("--json", action="store_true", help="the flag, as `flags show` prints it")
    change.set_defaults(run=_set)
    kill = group.add_parser("kill", help="off for everybody, on every replica within two seconds")
    kill.set_defaults(run=_kill)
    revert = group.add_parser("revert", help="make it what it was in an earlier version")
    for command in (show, change, kill, revert):
        command.add_argument("key", help="as `flags list` shows it")
    revert.add_argument("version", type=int, help="as `flags show --history` lists it; 0: as Gearbox declares it")
    revert.set_defaults(run=_revert)
    for command in (change, kill, revert):
        command.add_argument("--why", required=True, help="stays in its history")


@contextmanager
def _opened() -> Iterator[FlagService]:
    with opened_vault() as opened:
        access = build_access(opened.settings, opened.store, utc_now)
        yield make_service(opened.settings, access, opened.store)


def _list(_options: argparse.Namespace) -> int:
    with _opened() as service:
        for flag in service.list(OPERATOR):
            rules = f"{len(flag.rules)} rule{'' if len(flag.rules) == 1 else 's'}" if flag.rules else "no rules"
            state = "off by setting" if service.is_operators(OPERATOR, flag.key) else flag.state.value
            print(f"{flag.key:<28}  {state:<14}  {flag.default:<10}  {rules:<9}  version {flag.version}")
    return 0


def _show(options: argparse.Namespace) -> int:
    with _opened() as service:
        if not options.history:
            print(json.dumps(to_json(service.get(OPERATOR, options.key)), indent=2, ensure_ascii=False))
            return 0
        for change in service.history(OPERATOR, options.key):
            what = f"{change.at:%F %H:%M} UTC  {change.by}  {change.after.state}  {change.why}"
            print(f"version {change.version:<4} {what}")
    return 0


def _set(options: argparse.Namespace) -> int:
    with _opened() as service:
        if options.state:
            return _said(service.set_state(OPERATOR, options.key, FlagState(options.state), options.why))
        flag = _read(options.key) if options.json else _with_share(service.get(OPERATOR, options.key), options.share)
        return _said(service.save(OPERATOR, flag, options.why))


def _kill(options: argparse.Namespace) -> int:
    with _opened() as service:
        return _said(service.set_state(OPERATOR, options.key, FlagState.KILLED, options.why))


def _revert(options: argparse.Namespace) -> int:
    with _opened() as service:
        return _said(service.revert(OPERATOR, options.key, options.version, options.why))


def _read(key: str) -> Flag:
    try:
        return replace(from_json(json.load(sys.stdin)), key=key)
    except ValueError as error:
        raise GearboxError(f"This is no flag: {_why_not(error)}.", "Change what `flags show` prints.") from None


def _why_not(error: ValueError) -> str:
    """Field by field; what is no JSON at all says where."""
    if not isinstance(error, ValidationError):
        return str(error)
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}" for fault in faults[:_MOST_FAULTS])


def _with_share(flag: Flag, percent: float) -> Flag:
    """The flag with this share in the rule that was made here before, or in a new one behind the others."""
    old = next((rule for rule in flag.rules if rule.id == _SHARE), None)
    treated = next((name for name in flag.variants if name != flag.off), flag.default)
    made = old.rollout if old and old.rollout else Rollout(0, (Weight(treated),), flag.off)
    rollout = replace(made, share=round(percent * PARTS / 100), steps=())
    rule = Rule(_SHARE, old.conditions if old else (), rollout=rollout)
    if old is None:
        return replace(flag, rules=(*flag.rules, rule))
    return replace(flag, rules=tuple(rule if each is old else each for each in flag.rules))


def _percent(text: str) -> float:
    try:
        share = float(text.removesuffix("%"))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 100:
        raise argparse.ArgumentTypeError("give a number from 0 to 100")
    return share


def _said(flag: Flag) -> int:
    print(f"{flag.key} is {flag.state.value}, version {flag.version}.")
    return 0
