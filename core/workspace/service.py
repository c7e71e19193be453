"""What admins do: announce, and turn maintenance on and off. Every change is in the audit log."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound
from core.workspace.board import NoticeBoard
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.notices import MOST_WORDS, Announcement, Maintenance, NoticeKind, Standing, in_order

if TYPE_CHECKING:
    from data.store import Store

MOST_OPEN = 50
"""Announcements that are live or planned at a time."""
MOST_ENDED = 50
"""Of those that have ended, how many are listed."""
_LONGEST = timedelta(days=366)
_LINK = re.compile(r"\]\(\s*(?P<target>[^)\s]*)")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an announcement is to be. See `Announcement`; `starts_at` None: now."""

    words: str
    kind: NoticeKind = NoticeKind.INFO
    roles: Collection[Role] = ()
    team_ids: Collection[str] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    dismissible: bool = True


class WorkspaceService:
    """Every method needs `Permission.MANAGE_WORKSPACE` and raises AccessRefused without it. Thread-safe, blocking."""

    def __init__(self, access: Access, store: Store, board: NoticeBoard, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._store = store
        self._board = board
        self._clock = clock

    def announcements(self, actor: Actor) -> list[Announcement]:
        """Live ones as people see them, then those to come, the next first, then those that ended, the last first."""
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        now, found = self._clock(), in_order(self._store.notices.announcements(ended=MOST_ENDED))
        of = {standing: [each for each in found if each.standing(now) is standing] for standing in Standing}
        planned = sorted(of[Standing.PLANNED], key=lambda each: each.starts_at)
        ended = sorted(of[Standing.ENDED], key=lambda each: each.ends_at or now, reverse=True)
        return [*of[Standing.LIVE], *planned, *ended]

    def teams(self, actor: Actor) -> Mapping[str, str]:
        """The names of the teams that an announcement can be for, by id."""
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        return {team.id: team.name for team in self._store.teams.all()}

    def announce(self, actor: Actor, draft: Draft) -> Announcement:
        """Show words to people, now or from a moment on.

        Raises:
            GearboxError: words, times or teams that can't be; or there are too many announcements.
        """
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        now = self._clock()
        if len(self._store.notices.announcements()) >= MOST_OPEN:
            raise GearboxError(f"There are {MOST_OPEN} announcements already.", "End some of them first.")
        made = self._made(draft, Announcement(
            uuid.uuid4().hex, "", draft.kind, frozenset(), frozenset(), now, None, True, 0, 0, actor.user_id, now
        ))  # fmt: skip
        self._store.notices.add(made, _told(actor, made, "add"))
        self._board.try_refresh()
        return made

    def change(self, actor: Actor, announcement_id: str, draft: Draft, *, version: int) -> Announcement:
        """Make it another one; `version` is the one that was looked at. Who has put other words away sees the new ones.

        Raises:
            GearboxError: as `announce`.
            NotFound: it is gone.
            Conflict: somebody else changed it meanwhile.
        """
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        before = self._store.notices.find(announcement_id)
        made = replace(self._made(draft, before), version=version + 1)
        self._store.notices.change(made, _told(actor, made, "change"))
        self._board.try_refresh()
        return made

    def end(self, actor: Actor, announcement_id: str) -> Announcement:
        """Show it to nobody any more; returns it as it was, for `put_back`.

        Raises:
            NotFound: it is gone, or has ended.
        """
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        before, now = self._store.notices.find(announcement_id), self._clock()
        if before.standing(now) is Standing.ENDED:
            raise NotFound("This announcement has ended.", "Look at the list of those that are shown.")
        ended = replace(before, starts_at=min(before.starts_at, now), ends_at=now, version=before.version + 1)
        self._store.notices.change(ended, _told(actor, ended, "end"))
        self._board.try_refresh()
        return before

    def remove(self, actor: Actor, announcement_id: str) -> Announcement:
        """Delete it; returns it as it was, for `put_back`. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        before = self._store.notices.find(announcement_id)
        self._store.notices.remove(announcement_id, _told(actor, before, "remove"))
        self._board.try_refresh()
        return before

    def put_back(self, actor: Actor, before: Announcement) -> None:
        """Undo an ending or a deletion. Raises Conflict where it was changed since."""
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        event = _told(actor, before, "put_back")
        try:
            self._store.notices.find(before.id)
        except NotFound:
            self._store.notices.add(before, event)
        else:
            self._store.notices.change(replace(before, version=before.version + 2), event)
        self._board.try_refresh()

    def maintenance(self, actor: Actor) -> Maintenance | None:
        """The one that is on or planned."""
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        return self._store.notices.maintenance()

    def hold_maintenance(
        self,
        actor: Actor,
        words: str,
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        ends_itself: bool = False,
    ) -> Maintenance:
        """Keep everybody out who does not manage the workspace; what is on or planned becomes this one.

        Args:
            starts_at: None: now, or since it is on.
            ends_at: when it is expected to end; what is planned needs it.
            ends_itself: whether it does; what is planned does.

        Raises:
            GearboxError: words or times that can't be.
        """
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        now, before = self._clock(), self._store.notices.maintenance()
        is_on = before is not None and before.standing(now) is Standing.LIVE
        begins = before.starts_at if is_on and before and starts_at is None else max(starts_at or now, now)
        is_planned = begins > now
        if is_planned and ends_at is None:
            raise GearboxError("Planned maintenance needs an end.", "Say until when it takes; it can be ended sooner.")
        _require_times(begins, ends_at, now)
        made = Maintenance(
            id=before.id if before else uuid.uuid4().hex,
            words=_clean(words, least=0),
            starts_at=begins,
            ends_at=ends_at,
            ends_itself=ends_at is not None and (ends_itself or is_planned),
            ended_at=None,
            created_by=actor.user_id,
            created_at=now,
        )
        change = "plan" if is_planned else "change" if is_on else "on"
        self._store.notices.hold(made, _of_maintenance(actor, made, change))
        self._board.try_refresh()
        return made

    def end_maintenance(self, actor: Actor) -> None:
        """Let everybody in again, or call off what is planned. Raises NotFound where there is none."""
        self._access.require(actor, Permission.MANAGE_WORKSPACE)
        event = AuditEvent.by(actor, Action.MAINTENANCE_CHANGE, AuditOutcome.DONE, target="maintenance", change="off")
        self._store.notices.end_maintenance(self._clock(), event)
        self._board.try_refresh()

    def _made(self, draft: Draft, before: Announcement) -> Announcement:
        now = self._clock()
        starts_at = draft.starts_at or (before.starts_at if before.version else now)
        _require_times(starts_at, draft.ends_at, now)
        # A team that is gone by now may stay: else nothing of the announcement could be changed.
        known = {team.id for team in self._store.teams.all()} | before.team_ids
        if not known.issuperset(draft.team_ids):
            raise GearboxError("There is no such team.", "Look at the list of teams.")
        words = _clean(draft.words, least=1)
        return replace(
            before,
            words=words,
            kind=draft.kind,
            roles=frozenset(draft.roles),
            team_ids=frozenset(draft.team_ids),
            starts_at=starts_at,
            ends_at=draft.ends_at,
            dismissible=draft.dismissible,
            wording=before.wording + (words != before.words),
            version=before.version + 1,
        )


def _require_times(starts_at: datetime, ends_at: datetime | None, now: datetime) -> None:
    if starts_at - now > _LONGEST or (ends_at is not None and not timedelta() < ends_at - starts_at <= _LONGEST):
        raise GearboxError("There is no such time.", "Let it end after it begins, within a year.")
    if ends_at is not None and ends_at <= now:
        raise GearboxError("It would be over already.", "Let it end later than now.")


def _clean(text: str, *, least: int) -> str:
    words = " ".join(text.split())
    if not least <= len(words) <= MOST_WORDS or not words.isprintable():
        raise GearboxError(f"The text has to have {least} to {MOST_WORDS} characters.", "Say it in one or two lines.")
    for link in _LINK.finditer(words):
        # Credentials in an address would be everybody's; and what stands before an @ is no host.
        leads = link["target"].startswith(("https://", "http://", "mailto:"))
        if not leads or "@" in link["target"].partition("//")[2].partition("/")[0]:
            raise GearboxError("A link leads nowhere.", "Write it as [words](https://example.org/page).")
    return words


def _told(actor: Actor, announcement: Announcement, change: str) -> AuditEvent:
    # Its words may name people, and the log forgets nobody: their hash tells whether they were the same.
    return AuditEvent.by(
        actor,
        Action.ANNOUNCEMENT_CHANGE,
        AuditOutcome.DONE,
        target=f"announcement:{announcement.id}",
        change=change,
        kind=announcement.kind.value,
        roles=" ".join(sorted(announcement.roles)),
        teams=" ".join(sorted(announcement.team_ids)),
        starts_at=announcement.starts_at.isoformat(),
        ends_at=announcement.ends_at.isoformat() if announcement.ends_at else None,
        version=announcement.version,
        sha256=hashlib.sha256(announcement.words.encode()).hexdigest(),
    )


def _of_maintenance(actor: Actor, maintenance: Maintenance, change: str) -> AuditEvent:
    return AuditEvent.by(
        actor,
        Action.MAINTENANCE_CHANGE,
        AuditOutcome.DONE,
        target="maintenance",
        change=change,
        starts_at=maintenance.starts_at.isoformat(),
        ends_at=maintenance.ends_at.isoformat() if maintenance.ends_at else None,
        ends_itself=maintenance.ends_itself,
    )
