"""Alerts: `/api/v1/alerts` and what belongs to it, as the Alerts page has them."""

from __future__ import annotations

from dataclasses import replace

from pydantic import AwareDatetime, Field
from starlette.routing import Route

from core.access.policy import Permission
from core.alerts.rules import as_changed, to_json
from core.alerts.service import MOST_HISTORY
from core.api.answers import Api, Asked, Body
from core.api.routes import alert_shapes as shapes
from core.clock import utc_now
from core.errors import NotFound
from data.values.alerts import Severity

_NEEDS = Permission.MANAGE_ALERTS
_DAY = 86_400


class _History(Body):
    rule: str = Field("", max_length=64)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: int = Field(100, ge=1, le=MOST_HISTORY)


class _Limits(Body):
    """What is left out stays as it is; times are in seconds."""

    version: int = Field(ge=0, lt=2**31)
    fires_at: float | None = None
    clears_at: float | None = None
    severity: Severity | None = None
    lasts: float | None = Field(None, ge=0, le=_DAY)
    clears_after: float | None = Field(None, ge=0, le=_DAY)
    escalates_after: float | None = Field(None, ge=0, le=_DAY)
    is_on: bool | None = None


class _Silence(Body):
    rule: str = Field("", max_length=64)
    group: str = Field("", max_length=200)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime
    why: str = Field(max_length=300)


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    alerts, rules, channels, silences = (f"/api/v1/alert{part}" for part in ("s", "-rules", "-channels", "-silences"))
    return [
        api.route("GET", alerts, _open, needs=_NEEDS, gives=shapes.OpenAlerts),
        api.route("GET", "/api/v1/alert-history", _history, needs=_NEEDS, query=_History, gives=shapes.AlertList),
        api.route("GET", alerts + "/{alert_id}", _one, needs=_NEEDS, gives=shapes.AlertDetail),
        api.route("POST", alerts + "/{alert_id}/acknowledge", _take, needs=_NEEDS, gives=shapes.AlertDetail),
        api.route("GET", rules, _rules, needs=_NEEDS, gives=shapes.RuleList),
        api.route("PATCH", rules + "/{rule_key}", _change, needs=_NEEDS, body=_Limits, gives=shapes.RuleShape),
        api.route("POST", rules + "/{rule_key}/test", _fire, needs=_NEEDS, status=204),
        api.route("GET", channels, _channels, needs=_NEEDS, gives=shapes.ChannelList),
        api.route("POST", channels + "/{channel_id}/test", _try_out, needs=_NEEDS, status=204),
        api.route("GET", silences, _silences, needs=_NEEDS, gives=shapes.SilenceList),
        api.route("POST", silences, _silence, needs=_NEEDS, status=201, body=_Silence, gives=shapes.SilenceShape),
        api.route("DELETE", silences + "/{silence_id}", _end, needs=_NEEDS, status=204),
    ]


def _open(asked: Asked) -> shapes.OpenAlerts:
    """The alerts that are open: those that fire, the newest first, then those that are about to."""
    cards = asked.services.alert_parts.inbox.open(asked.actor)
    return {
        "alerts": [
            {**shapes.alert_shape(card.alert), "is_new": card.is_new, "is_silenced": card.is_silenced} for card in cards
        ]
    }


def _history(asked: Asked) -> shapes.AlertList:
    """The alerts that ever fired, the newest first."""
    found = asked.services.alert_parts.inbox.history(asked.actor, **asked.read_query(_History).model_dump())
    return {"alerts": [shapes.alert_shape(alert) for alert in found]}


def _one(asked: Asked) -> shapes.AlertDetail:
    """One alert, why it fires, who was told, and what to do."""
    return shapes.detail_shape(asked.services.alert_parts.inbox.get(asked.actor, asked.path["alert_id"]))


def _take(asked: Asked) -> shapes.AlertDetail:
    """Take an alert on: nobody else is told that it still fires."""
    inbox, alert_id = asked.services.alert_parts.inbox, asked.path["alert_id"]
    inbox.acknowledge(asked.actor, alert_id)
    return shapes.detail_shape(inbox.get(asked.actor, alert_id))


def _rules(asked: Asked) -> shapes.RuleList:
    """Every rule as it holds."""
    return {"rules": [shapes.rule_shape(rule) for rule in asked.services.alert_parts.settings.rules(asked.actor)]}


def _change(asked: Asked) -> shapes.RuleShape:
    """Change limits and times of the version that you have seen, or turn a rule on or off; the rest stays."""
    settings, sent = asked.services.alert_parts.settings, asked.read(_Limits)
    rule = next((each for each in settings.rules(asked.actor) if each.key == asked.path["rule_key"]), None)
    if rule is None:
        raise NotFound("There is no such rule.", "Look at the list of rules.")
    given = sent.model_dump(exclude_unset=True, exclude={"version"})
    given = {name: each for name, each in given.items() if each is not None or name == "escalates_after"}
    changed = as_changed(rule, sent.version, {**to_json(rule), **given})
    settings.change_rule(asked.actor, changed)
    return shapes.rule_shape(replace(changed, version=sent.version + 1))


def _fire(asked: Asked) -> None:
    """Have a rule fire as it would, through its channels; it is resolved by itself some minutes later."""
    asked.services.alert_parts.inbox.test_fire(asked.actor, asked.path["rule_key"])


def _channels(asked: Asked) -> shapes.ChannelList:
    """Where alerts are told; addresses are not shown."""
    return {
        "channels": [shapes.channel_shape(card) for card in asked.services.alert_parts.settings.channels(asked.actor)]
    }


def _try_out(asked: Asked) -> None:
    """Send a try-out to a channel now."""
    asked.services.alert_parts.settings.test_channel(asked.actor, asked.path["channel_id"])


def _silences(asked: Asked) -> shapes.SilenceList:
    """The silences that hold or are still to come."""
    return {
        "silences": [shapes.silence_shape(each) for each in asked.services.alert_parts.settings.silences(asked.actor)]
    }


def _silence(asked: Asked) -> shapes.SilenceShape:
    """Tell nobody for a time: of one rule and subject, or of everything. Alerts fire all the same."""
    sent = asked.read(_Silence)
    made = asked.services.alert_parts.settings.silence(
        asked.actor,
        rule=sent.rule,
        group=sent.group,
        starts_at=sent.starts_at or utc_now(),
        ends_at=sent.ends_at,
        why=sent.why,
    )
    return shapes.silence_shape(made)


def _end(asked: Asked) -> None:
    """Tell people again from now on."""
    asked.services.alert_parts.settings.end_silence(asked.actor, asked.path["silence_id"])
