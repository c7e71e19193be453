"""How long data is kept, legal holds, and receipts: `/api/v1/retention`, `/api/v1/holds`, `/api/v1/receipts`."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.api.routes import retention_shapes as shapes
from core.retention.holds import MOST_LETTERS, HoldCard
from core.retention.receipts import Receipt
from core.retention.rules import MOST_DAYS
from data.values.holds import HoldScope
from data.values.retention import KINDS, RetentionRule

_NEEDS = Permission.MANAGE_RETENTION
ZIP = "application/zip"


class _Rule(Body):
    days: int = Field(ge=1, le=MOST_DAYS)
    team_id: str = Field("", max_length=64)


class _OfTeam(Body):
    team_id: str = Field("", max_length=64)


class _Hold(Body):
    scope: HoldScope
    subject_id: str = Field("", max_length=64)
    matter: str = Field(max_length=1000)
    reason: str = Field(max_length=MOST_LETTERS)


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    rule, hold = "/api/v1/retention/{kind}", "/api/v1/holds/{hold_id}"
    return [
        api.route("GET", "/api/v1/retention", _rules, needs=_NEEDS, gives=shapes.RuleList),
        api.route("POST", f"{rule}/preview", _preview, needs=_NEEDS, body=_Rule, gives=shapes.Expected),
        api.route("PUT", rule, _set, needs=_NEEDS, body=_Rule, gives=shapes.Rule),
        api.route("DELETE", rule, _clear, needs=_NEEDS, query=_OfTeam),
        api.route("GET", "/api/v1/holds", _holds, needs=_NEEDS, gives=shapes.HoldList),
        api.route("POST", "/api/v1/holds", _place, 201, needs=_NEEDS, body=_Hold, gives=shapes.HoldShape),
        api.route("GET", hold, _hold, needs=_NEEDS, gives=shapes.HoldShape),
        api.route("POST", f"{hold}/release", _release, needs=_NEEDS, gives=shapes.Released),
        api.route("POST", f"{hold}/export", _export, needs=_NEEDS, media=ZIP),
        api.route("GET", "/api/v1/receipts", _receipts, needs=_NEEDS, gives=shapes.ReceiptList),
        api.route("GET", "/api/v1/receipts/{receipt_id}", _receipt, needs=_NEEDS, gives=Receipt),
    ]


def _rules(asked: Asked) -> shapes.RuleList:
    """The rules of retention, and the kinds of rows that there can be rules for."""
    cards = asked.services.retention.rules.list(asked.actor)
    return {"rules": [_shown(card.rule) for card in cards], "kinds": KINDS}


def _preview(asked: Asked) -> shapes.Expected:
    """What such a rule would remove at once; nothing is set."""
    sent = asked.read(_Rule)
    kind, team_id = asked.path["kind"], sent.team_id or None
    found = asked.services.retention.rules.preview(asked.actor, kind, sent.days, team_id)
    return {"rows": found.rows, "oldest": found.oldest, "held": found.held}


def _set(asked: Asked) -> shapes.Rule:
    """Have rows removed when they are older than so many days; those on hold stay."""
    sent = asked.read(_Rule)
    kind, team_id = asked.path["kind"], sent.team_id or None
    return _shown(asked.services.retention.rules.set(asked.actor, kind, sent.days, team_id))


def _clear(asked: Asked) -> None:
    """Keep these rows for ever again; those of a team as everybody's rule says."""
    team_id = asked.read_query(_OfTeam).team_id or None
    asked.services.retention.rules.clear(asked.actor, asked.path["kind"], team_id)


def _holds(asked: Asked) -> shapes.HoldList:
    """Every legal hold, those that were released last."""
    return {"holds": [_held(card) for card in asked.services.retention.holds.list(asked.actor)]}


def _hold(asked: Asked) -> shapes.HoldShape:
    """One legal hold."""
    return _held(asked.services.retention.holds.find(asked.actor, asked.path["hold_id"]))


def _place(asked: Asked) -> shapes.HoldShape:
    """Place a legal hold on a person, a team or everybody: nothing of theirs is destroyed. They are not told."""
    sent = asked.read(_Hold)
    holds = asked.services.retention.holds
    return _held(holds.place(asked.actor, sent.scope, sent.subject_id, sent.matter, sent.reason))


def _release(asked: Asked) -> shapes.Released:
    """Release a legal hold, and remove what only waited for it."""
    gone = asked.services.retention.holds.release(asked.actor, asked.path["hold_id"])
    return {"conversations": gone.conversations, "earlier_versions": gone.earlier}


def _export(asked: Asked) -> Response:
    """Everything that is kept of whom a hold is on, as one zip: `material.jsonl`, with the attachments beside it."""
    hold_id = asked.path["hold_id"]
    with NamedTemporaryFile(suffix=".zip", delete=False) as file:
        path = Path(file.name)
        try:
            asked.services.retention.holds.export(asked.actor, hold_id, file)
        except BaseException:
            path.unlink()
            raise
    name = f"gearbox-hold-{hold_id[:8]}.zip"
    return FileResponse(path, media_type=ZIP, filename=name, background=BackgroundTask(path.unlink))


def _receipts(asked: Asked) -> shapes.ReceiptList:
    """The newest receipts of what was destroyed: people who were forgotten, and rows that were too old."""
    found = asked.services.retention.receipts.list(asked.actor)
    return {"receipts": list(found.receipts), "trouble": found.trouble or None}


def _receipt(asked: Asked) -> Receipt:
    """One receipt."""
    return asked.services.retention.receipts.find(asked.actor, asked.path["receipt_id"])


def _shown(rule: RetentionRule) -> shapes.Rule:
    return {
        "kind": rule.kind,
        "team_id": rule.team_id,
        "days": rule.days,
        "set_by": rule.set_by,
        "set_at": rule.set_at,
    }


def _held(card: HoldCard) -> shapes.HoldShape:
    hold = card.hold
    return {
        "id": hold.id,
        "scope": hold.scope,
        "subject_id": hold.subject_id,
        "name": card.name,
        "matter": hold.matter,
        "reason": hold.reason,
        "people": hold.people,
        "placed_by": hold.placed_by,
        "placed_at": hold.placed_at,
        "released_by": hold.released_by,
        "released_at": hold.released_at,
    }
