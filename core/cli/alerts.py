"""`alerts`: what fires, what fired, what is watched, and trying it out."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from core.access.gate import build_access
from core.alert_parts import AlertParts, alerts_of
from core.alerts.rules import WATCHES, as_changed, to_json
from core.alerts.service import MOST_HISTORY
from core.alerts.words import as_json, number, title_of
from core.cli.moments import moment
from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from core.errors import NotFound
from data.values.alerts import Alert, Occasion, Rule, Severity

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    alerts = commands.add_parser("alerts", help="what fires, what fired, what is watched, and trying it out")
    group = alerts.add_subparsers(dest="alerts_command", required=True)
    group.add_parser("open", help="what fires or is about to; 1 where something fires").set_defaults(run=_open)
    history = group.add_parser("history", help="what fired, the newest first")
    history.add_argument("--rule", default="", help="of one rule")
    history.add_argument("--since", type=moment, help="that fired from this day or moment on")
    history.add_argument("--limit", type=int, default=50, help=f"{MOST_HISTORY} at most")
    history.set_defaults(run=_history)
    show = group.add_parser("show", help="one alert as JSON, and who was told")
    show.set_defaults(run=_show)
    take = group.add_parser("take", help="take it on: nobody else is told that it still fires")
    take.set_defaults(run=_take)
    for command in (show, take):
        command.add_argument("id", help="as `alerts open` shows it; its beginning will do")
    group.add_parser("rules", help="what is watched, and its limits").set_defaults(run=_rules)
    _changing(group.add_parser("set", help="change limits and times of a rule, or turn it on or off"))
    test = group.add_parser("test", help="have a rule fire as it would; a running Gearbox tells of it")
    test.add_argument("rule", help="as `alerts rules` shows it")
    test.set_defaults(run=_test)
    group.add_parser("channels", help="where alerts are told, without addresses").set_defaults(run=_channels)
    trial = group.add_parser("try", help="send a try-out to a channel now")
    trial.add_argument("channel", help="id, as `alerts channels` shows it; its beginning will do")
    trial.set_defaults(run=_try)
    silence = group.add_parser("silence", help="tell nobody for a time; the app shows alerts all the same")
    silence.add_argument("--rule", default="", help="of one rule; without it of all")
    silence.add_argument("--group", default="", help="of one subject of it")
    silence.add_argument("--minutes", type=int, required=True)
    silence.add_argument("--why", required=True)
    silence.set_defaults(run=_silence)


def _changing(change: argparse.ArgumentParser) -> None:
    change.add_argument("rule", help="as `alerts rules` shows it")
    change.add_argument("--fires-at", type=float, help="the limit, in the rule's unit")
    change.add_argument("--clears-at", type=float, help="where it is well again")
    change.add_argument("--lasts", type=float, metavar="SECONDS", help="how long it has to be bad")
    change.add_argument("--clears-after", type=float, metavar="SECONDS", help="how long it has to be well")
    change.add_argument(
        "--escalates-after",
        type=float,
        metavar="SECONDS",
        help="how long nobody may take it on; 0: nobody else is told",
    )
    change.add_argument("--severity", choices=[each.value for each in Severity])
    state = change.add_mutually_exclusive_group()
    state.add_argument("--on", dest="is_on", action="store_true", default=None)
    state.add_argument("--off", dest="is_on", action="store_false")
    change.set_defaults(run=_set)


@contextmanager
def _opened() -> Iterator[AlertParts]:
    with opened_vault() as opened:
        access = build_access(opened.settings, opened.store, utc_now)
        yield alerts_of(opened.settings, access, opened.store, opened.vault)


def _open(_options: argparse.Namespace) -> int:
    with _opened() as parts:
        cards = parts.inbox.open(OPERATOR)
        for card in cards:
            marks = [
                name
                for name, holds in (("silenced", card.is_silenced), ("taken on", card.alert.acknowledged_at))
                if holds
            ]
            print(_line(card.alert) + (f"  ({', '.join(marks)})" if marks else ""))
    if not cards:
        print("Nothing fires.")
    return int(any(card.alert.fired_at for card in cards))


def _history(options: argparse.Namespace) -> int:
    with _opened() as parts:
        found = parts.inbox.history(OPERATOR, rule=options.rule, since=options.since, limit=max(options.limit, 1))
        for alert in found:
            print(_line(alert))
    return 0


def _show(options: argparse.Namespace) -> int:
    with _opened() as parts:
        view = parts.inbox.get(OPERATOR, _whole(parts, options.id))
        told = Occasion.RESOLVED if view.alert.resolved_at else Occasion.FIRED
        print(json.dumps(json.loads(as_json(view.alert, told, "", "")), indent=2, ensure_ascii=False))
        for each in view.notifications:
            state = f"{each.sent_at:%F %H:%M} UTC" if each.sent_at else each.trouble or "waits"
            print(f"{view.channels.get(each.channel_id, 'gone')}: {each.occasion.value}, {state}")
    return 0


def _take(options: argparse.Namespace) -> int:
    with _opened() as parts:
        parts.inbox.acknowledge(OPERATOR, _whole(parts, options.id))
    print("You took it on.")
    return 0


def _rules(_options: argparse.Namespace) -> int:
    with _opened() as parts:
        for rule in parts.settings.rules(OPERATOR):
            print(_rule_line(rule))
    return 0


def _set(options: argparse.Namespace) -> int:
    with _opened() as parts:
        rule = _rule(parts, options.rule)
        given = {name: getattr(options, name) for name in to_json(rule) if getattr(options, name, None) is not None}
        given |= {"escalates_after": None} if options.escalates_after == 0 else {}
        changed = as_changed(rule, rule.version, {**to_json(rule), **given})
        parts.settings.change_rule(OPERATOR, changed)
        print(_rule_line(_rule(parts, options.rule)))
    return 0


def _test(options: argparse.Namespace) -> int:
    with _opened() as parts:
        parts.inbox.test_fire(OPERATOR, options.rule)
        lasts = _rule(parts, options.rule).lasts.total_seconds()
    print(f"{title_of(options.rule)}: the test fires within {lasts + 30:.0f} seconds, and is resolved by itself.")
    return 0


def _channels(_options: argparse.Namespace) -> int:
    with _opened() as parts:
        for card in parts.settings.channels(OPERATOR):
            channel, where = card.channel, f"{card.destination.service} {card.destination.hint}".strip()
            hears = "escalations" if channel.is_escalation else channel.least.value
            state = channel.trouble or (f"told {channel.sent_at:%F %H:%M} UTC" if channel.sent_at else "never told yet")
            on = "on " if channel.is_on else "off"
            print(f"{channel.id[:8]}  {on}  {channel.label:<20}  {where:<30}  {hears:<11}  {state}")
    return 0


def _try(options: argparse.Namespace) -> int:
    with _opened() as parts:
        ids = [card.channel.id for card in parts.settings.channels(OPERATOR)]
        parts.settings.test_channel(OPERATOR, next((each for each in ids if each.startswith(options.channel)), ""))
    print("A try-out was sent.")
    return 0


def _silence(options: argparse.Namespace) -> int:
    now = utc_now()
    ends = now + timedelta(minutes=options.minutes)
    with _opened() as parts:
        parts.settings.silence(
            OPERATOR, rule=options.rule, group=options.group, starts_at=now, ends_at=ends, why=options.why
        )
    print(f"Nobody is told until {ends:%F %H:%M} UTC.")
    return 0


def _whole(parts: AlertParts, beginning: str) -> str:
    """The id of the newest alert whose id begins so; what was given where there is none."""
    known = [*(card.alert for card in parts.inbox.open(OPERATOR)), *parts.inbox.history(OPERATOR)]
    return next((alert.id for alert in known if alert.id.startswith(beginning)), beginning)


def _rule(parts: AlertParts, key: str) -> Rule:
    found = next((each for each in parts.settings.rules(OPERATOR) if each.key == key), None)
    if found is None:
        raise NotFound("There is no such rule.", "Look at `alerts rules`.")
    return found


def _line(alert: Alert) -> str:
    at = alert.fired_at or alert.since
    until = f" until {alert.resolved_at:%F %H:%M}" if alert.resolved_at else ""
    what = f"{alert.rule} {alert.group}".strip()
    times = f"{at:%F %H:%M}{until} UTC"
    return f"{alert.id[:8]}  {alert.state.value:<8}  {alert.severity.value:<8}  {times}  {what}: {alert.summary}"


def _rule_line(rule: Rule) -> str:
    state = f"{rule.severity.value:<8}" if rule.is_on else "off     "
    limits = f"fires at {number(rule.fires_at)}, well at {number(rule.clears_at)} {WATCHES[rule.key].unit}"
    times = f"bad for {rule.lasts.total_seconds():.0f} s, well for {rule.clears_after.total_seconds():.0f} s"
    return f"{rule.key:<17}  {state}  {limits}; {times}; version {rule.version}"
