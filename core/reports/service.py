"""What admins do with weekly reports: set them up, look at what they say, send one now, pause and remove them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from core.reports.addresses import Addresses, Destination
from core.reports.writing import Writing, Written
from data.store import Store
from data.store.report_schedules import missing_schedule
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.reports import WEEKDAYS, ReportSchedule

_MOST_LABEL = 60


@dataclass(frozen=True, slots=True)
class ReportCard:
    """What is shown of a report. `team` is None where it is about everybody, or its team is gone (`is_orphan`)."""

    schedule: ReportSchedule
    destination: Destination
    team: str | None
    is_orphan: bool
    next_due: datetime | None


class ReportService:
    """Thread-safe; blocks, where an address is checked or sent to for some seconds. Every change is audited."""

    def __init__(
        self,
        access: Access,
        store: Store,
        addresses: Addresses,
        writing: Writing,
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._store = store
        self._addresses = addresses
        self._writing = writing
        self._clock = clock

    @property
    def zone(self) -> tzinfo:
        """Whose days and hours reports go by."""
        return self._writing.zone

    def list(self, actor: Actor) -> Sequence[ReportCard]:
        """Every report, the oldest first. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_REPORTS)
        teams = self._teams()
        return [self._card(schedule, teams) for schedule in self._store.report_schedules.all()]

    def teams(self, actor: Actor) -> Mapping[str, str]:
        """The names of the teams that a report can be about, by id. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_REPORTS)
        return self._teams()

    def add(
        self, actor: Actor, *, label: str, address: str, team_id: str | None, weekday: int, hour: int
    ) -> ReportSchedule:
        """Send a report every week from now on. The address is checked, and sealed in the vault.

        Raises:
            AccessRefused: the actor may not.
            GearboxError: the address can't be used, or there is no such team or time; no words repeat the address.
        """
        self._access.require(actor, Permission.MANAGE_REPORTS)
        schedule_id = uuid.uuid4().hex
        schedule = ReportSchedule(
            schedule_id, team_id, _checked_label(label), "", weekday, hour, True, actor.user_id, self._clock()
        )
        self._require_senseful(schedule)
        schedule = replace(schedule, secret_id=self._addresses.seal(schedule_id, address))
        try:
            self._store.report_schedules.add(schedule, self._told(actor, schedule, "add"))
        except GearboxError:
            self._addresses.forget(schedule.secret_id)
            raise
        return schedule

    def change(
        self, actor: Actor, schedule_id: str, *, label: str, team_id: str | None, weekday: int, hour: int
    ) -> None:
        """Say anew what it is called, whom it is about and when it goes. Raises what `add` does, and NotFound."""
        self._access.require(actor, Permission.MANAGE_REPORTS)
        found = self._found(schedule_id)
        changed = replace(found, label=_checked_label(label), team_id=team_id, weekday=weekday, hour=hour)
        self._require_senseful(changed)
        self._store.report_schedules.change(changed, self._told(actor, changed, "change"))

    def change_address(self, actor: Actor, schedule_id: str, address: str) -> None:
        """Send it somewhere else; the address before is forgotten. Raises what `add` does, and NotFound."""
        self._access.require(actor, Permission.MANAGE_REPORTS)
        found = self._found(schedule_id)
        secret_id = self._addresses.seal(schedule_id, address)
        changed = replace(found, secret_id=secret_id, failures=0, trouble=None)
        try:
            self._store.report_schedules.change(changed, self._told(actor, changed, "address"))
        except GearboxError:
            self._addresses.forget(secret_id)
            raise
        self._addresses.forget(found.secret_id)

    def pause(self, actor: Actor, schedule_id: str) -> None:
        """Send nothing until it is resumed. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_REPORTS)
        changed = replace(self._found(schedule_id), is_on=False)
        self._store.report_schedules.change(changed, self._told(actor, changed, "pause"))

    def resume(self, actor: Actor, schedule_id: str) -> None:
        """Send it again from the next time on; what was left out meanwhile stays left out. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_REPORTS)
        resumed = replace(self._found(schedule_id), is_on=True, failures=0)
        if week := resumed.week_due(self._clock(), self.zone):
            resumed = replace(resumed, sent_for=week.monday)
        self._store.report_schedules.change(resumed, self._told(actor, resumed, "resume"))

    def remove(self, actor: Actor, schedule_id: str) -> None:
        """Never send it again, and forget its address. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_REPORTS)
        found = self._found(schedule_id)
        self._store.report_schedules.remove(schedule_id, self._told(actor, found, "remove"))
        self._addresses.forget(found.secret_id)

    def preview(self, actor: Actor, team_id: str | None) -> Written:
        """The very text that would go out now, of the last whole week, and what it was made of.

        Raises:
            AccessRefused: the actor may not.
            NotFound: there is no such team.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.MANAGE_REPORTS)
        return self._writing.on_request(team_id, self._clock())

    def send_now(self, actor: Actor, schedule_id: str) -> None:
        """Send what `preview` shows; the next one goes out at its time all the same.

        Raises:
            AccessRefused: the actor may not.
            NotFound: there is no such report, or its team is gone.
            NotSent: it was not taken.
            VaultError: its address can't be opened.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.MANAGE_REPORTS)
        schedule = self._found(schedule_id)
        letter = self._writing.on_request(schedule.team_id, self._clock()).letter
        try:
            self._addresses.send(schedule, letter)
        except GearboxError:
            self._store.audit.record(sent_event(actor, schedule, AuditOutcome.FAILED, by_hand=True))
            raise
        event = sent_event(actor, schedule, AuditOutcome.DONE, by_hand=True)
        self._store.report_schedules.sent(schedule_id, self._clock(), event)

    def _card(self, schedule: ReportSchedule, teams: Mapping[str, str]) -> ReportCard:
        team = teams.get(schedule.team_id or "")
        is_orphan = schedule.team_id is not None and team is None
        due = schedule.due_after(self._clock(), self.zone) if schedule.is_on and not is_orphan else None
        return ReportCard(schedule, self._addresses.shown(schedule), team, is_orphan, due)

    def _teams(self) -> dict[str, str]:
        return {team.id: team.name for team in self._store.teams.all()}

    def _found(self, schedule_id: str) -> ReportSchedule:
        schedule = self._store.report_schedules.find(schedule_id)
        if schedule is None:
            raise missing_schedule()
        return schedule

    def _require_senseful(self, schedule: ReportSchedule) -> None:
        if schedule.team_id is not None and schedule.team_id not in self._teams():
            raise GearboxError("There is no such team.", "Reload the page.")
        if not (0 <= schedule.weekday < len(WEEKDAYS) and 0 <= schedule.hour < 24):
            raise GearboxError("There is no such time.", "Choose a weekday, and an hour from 0 to 23.")

    def _told(self, actor: Actor, schedule: ReportSchedule, change: str) -> AuditEvent:
        return AuditEvent.by(
            actor,
            Action.REPORT_CHANGE,
            AuditOutcome.DONE,
            target=f"report:{schedule.id}",
            change=change,
            about=_about(schedule),
            weekday=schedule.weekday,
            hour=schedule.hour,
            secret=schedule.secret_id,
        )


def sent_event(
    actor: Actor, schedule: ReportSchedule, outcome: AuditOutcome, *, by_hand: bool = False, week: str = ""
) -> AuditEvent:
    """That a report was sent, or was not taken."""
    return AuditEvent.by(
        actor,
        Action.REPORT_SEND,
        outcome,
        target=f"report:{schedule.id}",
        about=_about(schedule),
        by_hand=by_hand,
        week=week,
    )


def _about(schedule: ReportSchedule) -> str:
    return f"team:{schedule.team_id}" if schedule.team_id else "everybody"


def _checked_label(label: str) -> str:
    if not 1 <= len(words := " ".join(label.split())) <= _MOST_LABEL or not words.isprintable():
        raise GearboxError(f"A report needs a name of 1 to {_MOST_LABEL} characters.", "Say where it goes.")
    return words
