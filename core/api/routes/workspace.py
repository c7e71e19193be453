"""Announcements and maintenance: `/api/v1/announcements` and `/api/v1/maintenance`, as the Admin page has them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime, Field
from starlette.routing import Route
from typing_extensions import TypedDict

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.clock import utc_now
from core.errors import NotFound
from core.workspace.service import Draft
from data.values.actor import Role
from data.values.notices import MOST_WORDS, Announcement, Maintenance, NoticeKind, Standing

_NEEDS = Permission.MANAGE_WORKSPACE


class _Announced(Body):
    words: str = Field(min_length=1, max_length=MOST_WORDS)
    kind: NoticeKind = NoticeKind.INFO
    roles: tuple[Role, ...] = ()
    team_ids: tuple[str, ...] = Field((), max_length=100)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    dismissible: bool = True

    def draft(self) -> Draft:
        return Draft(
            self.words, self.kind, self.roles, self.team_ids, self.starts_at, self.ends_at, dismissible=self.dismissible
        )


class _Changed(_Announced):
    """`version` is the one that was looked at."""

    version: int = Field(ge=0, lt=2**31)


class _Held(Body):
    words: str = Field("", max_length=MOST_WORDS)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    ends_itself: bool = False


class AnnouncementShape(TypedDict):
    """An announcement; `standing` is "planned", "live" or "ended". With no roles and no teams it is for everybody."""

    id: str
    words: str
    kind: NoticeKind
    roles: Sequence[Role]
    team_ids: Sequence[str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    dismissible: bool
    version: int
    standing: Standing


class AnnouncementList(TypedDict):
    """Live ones, those to come, and those that ended last."""

    announcements: list[AnnouncementShape]


class MaintenanceShape(TypedDict):
    """Maintenance that is on ("live") or planned. `ends_at` is expected; with `ends_itself` it is over then."""

    standing: Standing
    words: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    ends_itself: bool


class MaintenanceNow(TypedDict):
    """None where it is neither on nor planned."""

    maintenance: MaintenanceShape | None


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    one = "/api/v1/announcements/{announcement_id}"
    maintenance, shape = "/api/v1/maintenance", AnnouncementShape
    return [
        api.route("GET", "/api/v1/announcements", _list, needs=_NEEDS, gives=AnnouncementList),
        api.route("POST", "/api/v1/announcements", _announce, 201, needs=_NEEDS, body=_Announced, gives=shape),
        api.route("PUT", one, _change, needs=_NEEDS, body=_Changed, gives=shape),
        api.route("POST", f"{one}/end", _end, needs=_NEEDS),
        api.route("DELETE", one, _remove, needs=_NEEDS),
        api.route("GET", maintenance, _maintenance, needs=_NEEDS, gives=MaintenanceNow),
        api.route("PUT", maintenance, _hold, needs=_NEEDS, body=_Held, gives=MaintenanceNow),
        api.route("DELETE", maintenance, _end_maintenance, needs=_NEEDS),
    ]


def _list(asked: Asked) -> AnnouncementList:
    """Announcements."""
    return {"announcements": [_shown(each) for each in asked.services.workspace.admin.announcements(asked.actor)]}


def _announce(asked: Asked) -> AnnouncementShape:
    """Show words on top of each page; without `starts_at` from now on."""
    return _shown(asked.services.workspace.admin.announce(asked.actor, asked.read(_Announced).draft()))


def _change(asked: Asked) -> AnnouncementShape:
    """Change an announcement. Who has put other words away sees the new ones."""
    sent, admin = asked.read(_Changed), asked.services.workspace.admin
    return _shown(admin.change(asked.actor, asked.path["announcement_id"], sent.draft(), version=sent.version))


def _end(asked: Asked) -> None:
    """End an announcement; it stays in the list."""
    asked.services.workspace.admin.end(asked.actor, asked.path["announcement_id"])


def _remove(asked: Asked) -> None:
    """Delete an announcement."""
    asked.services.workspace.admin.remove(asked.actor, asked.path["announcement_id"])


def _maintenance(asked: Asked) -> MaintenanceNow:
    """Maintenance that is on or planned."""
    return _now(asked.services.workspace.admin.maintenance(asked.actor))


def _hold(asked: Asked) -> MaintenanceNow:
    """Turn maintenance on, plan it, or change what is on or planned. Without `starts_at` it is on now."""
    sent, admin = asked.read(_Held), asked.services.workspace.admin
    times = {"starts_at": sent.starts_at, "ends_at": sent.ends_at}
    return _now(admin.hold_maintenance(asked.actor, sent.words, **times, ends_itself=sent.ends_itself))


def _end_maintenance(asked: Asked) -> None:
    """Let everybody in again, or call off what is planned."""
    try:
        asked.services.workspace.admin.end_maintenance(asked.actor)
    except NotFound:
        return  # off is what was asked for


def _shown(announcement: Announcement) -> AnnouncementShape:
    return {
        "id": announcement.id,
        "words": announcement.words,
        "kind": announcement.kind,
        "roles": sorted(announcement.roles),
        "team_ids": sorted(announcement.team_ids),
        "starts_at": announcement.starts_at,
        "ends_at": announcement.ends_at,
        "dismissible": announcement.dismissible,
        "version": announcement.version,
        "standing": announcement.standing(utc_now()),
    }


def _now(maintenance: Maintenance | None) -> MaintenanceNow:
    if maintenance is None:
        return {"maintenance": None}
    return {
        "maintenance": {
            "standing": maintenance.standing(utc_now()),
            "words": maintenance.words,
            "starts_at": maintenance.starts_at,
            "ends_at": maintenance.ends_at,
            "ends_itself": maintenance.ends_itself,
        }
    }
