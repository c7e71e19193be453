"""One audit event in the formats that other systems read: as it was hashed, as OCSF 1.4, as ArcSight CEF.

OCSF: https://schema.ocsf.io. CEF: "Implementing ArcSight Common Event Format", version 0. Both carry the event as it
was hashed (`raw_data`, `rawEvent`); their other fields are made of it and of nothing else, so that whoever has it can
make the whole line again and compare. The stand-alone verifier does: so nothing of Gearbox is imported here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

_PRODUCT = {"name": "Gearbox", "vendor_name": "Gearbox"}
_AUTHENTICATION, _ACCOUNT_CHANGE, _ENTITY, _API = 3002, 3001, 3004, 6003
_CREATE, _READ, _UPDATE, _DELETE, _OTHER = 1, 2, 3, 4, 99
_CLASSES: Mapping[str, tuple[int, int]] = {
    "session.sign_in": (_AUTHENTICATION, 1),
    "session.sign_out": (_AUTHENTICATION, 2),
    "session.revoke": (_AUTHENTICATION, 2),
    "person.roles": (_ACCOUNT_CHANGE, _OTHER),
    "person.create": (_ACCOUNT_CHANGE, 1),
    "person.activate": (_ACCOUNT_CHANGE, 2),
    "person.deactivate": (_ACCOUNT_CHANGE, 5),
    "person.forget": (_ACCOUNT_CHANGE, 6),
    "access.change": (_ACCOUNT_CHANGE, _OTHER),
    "access.lock": (_ACCOUNT_CHANGE, 9),
    "key.create": (_ENTITY, _CREATE),
    "key.rotate": (_ENTITY, _UPDATE),
    "key.set_expiry": (_ENTITY, _UPDATE),
    "key.expire": (_ENTITY, _UPDATE),
    "key.fall_back": (_ENTITY, _UPDATE),
    "key.revoke": (_ENTITY, _UPDATE),
    "key.seal": (_ENTITY, _UPDATE),
    "key.rewrap": (_ENTITY, _UPDATE),
    "key.remove": (_ENTITY, _DELETE),
    "kek.create": (_ENTITY, _CREATE),
    "kek.activate": (_ENTITY, _UPDATE),
    "kek.retire": (_ENTITY, _UPDATE),
    "kek.destroy": (_ENTITY, _DELETE),
    "team.change": (_ENTITY, _UPDATE),
    "token.create": (_ENTITY, _CREATE),
    "token.revoke": (_ENTITY, _DELETE),
    "model.check": (_ENTITY, _UPDATE),
    "flag.flip": (_ENTITY, _UPDATE),
    "report.change": (_ENTITY, _UPDATE),
    "alert.acknowledge": (_ENTITY, _UPDATE),
    "alert.change": (_ENTITY, _UPDATE),
    "settings.change": (_ENTITY, _UPDATE),
}
"""Class and activity; everything else is API activity: something was read, used or asked for."""

_SUCCESS, _FAILURE, _UNKNOWN = 1, 2, 0
_STATUS = {
    "done": _SUCCESS,
    "failed": _FAILURE,
    "refused": _FAILURE,
    "stopped": _OTHER,
    "intent": _OTHER,
}
_INFORMATIONAL, _LOW, _MEDIUM = 1, 2, 3
_SEVERITY = {"failed": _LOW, "refused": _MEDIUM}
_CEF_SEVERITY = {_INFORMATIONAL: 1, _LOW: 4, _MEDIUM: 6}


def as_ocsf(body: str) -> str:
    """One line of JSON."""
    said = _said(body)
    if said is None:
        return json.dumps({"class_uid": 0, "metadata": {"version": "1.4.0", "product": _PRODUCT}, "raw_data": body})
    class_uid, activity_id = _CLASSES.get(said["action"], (_API, _READ))
    user = {"uid": said["actor"]}
    event: dict[str, Any] = {
        "activity_id": activity_id,
        "category_uid": class_uid // 1000,
        "class_uid": class_uid,
        "type_uid": class_uid * 100 + activity_id,
        "severity_id": _SEVERITY.get(said["outcome"], _INFORMATIONAL),
        "status_id": _STATUS.get(said["outcome"], _UNKNOWN),
        "status": said["outcome"],
        "time": _milliseconds(said["at"]),
        "message": said["action"],
        "metadata": {
            "version": "1.4.0",
            "product": _PRODUCT,
            "uid": f"{said['chain']}:{said['seq']}",
            "sequence": said["seq"],
            "correlation_uid": said["operation"] or said["request"],
        },
        "actor": {"user": user, "session": {"uid": said["session"]}},
        "src_endpoint": {"uid": said["origin"] or said["surface"], "name": said["surface"]},
        "unmapped": said["details"],
        "raw_data": body,
    }
    kind, _, identifier = said["target"].partition(":")
    if class_uid == _API:
        event["api"] = {"operation": said["action"], "request": {"uid": said["request"]}}
        event["resources"] = [{"type": kind, "uid": identifier}] if kind else []
    elif class_uid == _ENTITY:
        event["entity"] = {"type": kind or "settings", "uid": identifier or said["actor"]}
    else:
        event["user"] = {"uid": identifier} if kind == "person" else user
        event["service"] = _PRODUCT
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def as_cef(body: str) -> str:
    """One line; `rawEvent` is its last field."""
    said = _said(body)
    if said is None:
        return f"CEF:0|Gearbox|Gearbox|1|unreadable|unreadable|10| rawEvent={_extension(body)}"
    severity = _CEF_SEVERITY[_SEVERITY.get(said["outcome"], _INFORMATIONAL)]
    action = _header(str(said["action"]))
    fields = {
        "rt": _milliseconds(said["at"]),
        "externalId": f"{said['chain']}:{said['seq']}",
        "act": said["action"],
        "outcome": said["outcome"],
        "suid": said["actor"],
        "duid": said["target"],
        "cs1Label": "operation",
        "cs1": said["operation"],
        "cs2Label": "request",
        "cs2": said["request"],
        "cs3Label": "session",
        "cs3": said["session"],
        "cs4Label": "surface",
        "cs4": said["surface"],
        "cs5Label": "origin",
        "cs5": said["origin"],
        "rawEvent": body,
    }
    extension = " ".join(f"{name}={_extension(str(value))}" for name, value in fields.items())
    return f"CEF:0|Gearbox|Gearbox|1|{action}|{action}|{severity}|{extension}"


def _verbatim(body: str) -> str:
    return body


FORMATTERS: Mapping[str, Callable[[str], str]] = {"jsonl": _verbatim, "ocsf": as_ocsf, "cef": as_cef}
"""From an event's canonical text to a line of each format."""


def _said(body: str) -> dict[str, Any] | None:
    """The event; None for a text that somebody made unreadable, which the proof will say."""
    try:
        said = json.loads(body)
        _milliseconds(said["at"])
        return said if isinstance(said["details"], dict) and isinstance(said["target"], str) else None
    except (ValueError, TypeError, KeyError):
        return None


def _milliseconds(at: str) -> int:
    return round(datetime.fromisoformat(at).timestamp() * 1000)


def _header(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


def _extension(text: str) -> str:
    return text.replace("\\", "\\\\").replace("=", "\\=").replace("\n", "\\n").replace("\r", "\\r")
