"""Sends the reports that are due, of all processes one, and tries again later where a place did not take one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from core.errors import GearboxError
from core.reports.addresses import Addresses
from core.reports.service import sent_event
from core.reports.writing import Writing
from core.vault.owners import GEARBOX
from data.store import Store
from data.values.audit import AuditOutcome
from data.values.reports import ReportSchedule, Week

EVERY = timedelta(minutes=1)
CLAIM = timedelta(minutes=5)
"""How long a process may take over one report before another one takes it for dead: more than any sending lasts."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
MOST_TRIES = 6
"""For one week: the last one is some nine hours after the first."""

_log = logging.getLogger(__name__)


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 5 minutes, 15, 45 and so on, 6 hours at most.

    No `tenacity`: it waits inside a call, and these pauses outlive the process.
    """
    grown: int = 3 ** (failures - 1)
    return min(FIRST_PAUSE * grown, LONGEST_PAUSE)


class Rounds:
    """Blocking.

    That a report was sent is committed after it was handed over: a process that dies between the two leads to the same
    report once more, never to none.
    """

    def __init__(self, store: Store, addresses: Addresses, writing: Writing, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._addresses = addresses
        self._writing = writing
        self._clock = clock

    def run(self) -> None:
        """Send what is due and not being sent, or waiting for its next try."""
        due = [each for each in self._store.report_schedules.all() if self._week(each)]
        teams = {team.id for team in self._store.teams.all()} if due else set()
        for schedule in due:
            if schedule.team_id is None or schedule.team_id in teams:
                self._claimed(schedule.id)

    def _claimed(self, schedule_id: str) -> None:
        lease = f"report:{schedule_id}"
        if not self._store.leases.acquire(lease, CLAIM):
            return  # another process is at it, or it is waiting after a failure
        pause = None
        try:
            # Read again: whoever held the lease before may have sent it.
            schedule = self._store.report_schedules.find(schedule_id)
            week = self._week(schedule) if schedule else None
            if schedule and week:
                pause = self._tried(schedule, week)
        finally:
            if pause:
                self._store.leases.renew(lease, pause)  # nobody tries before it is over, while this process lives
            else:
                self._store.leases.release(lease)

    def _tried(self, schedule: ReportSchedule, week: Week) -> timedelta | None:
        """The pause to make where it was not taken; None where it is dealt with."""
        monday = week.monday.isoformat()
        try:
            letter = self._writing.weekly(schedule.team_id, week)
            if letter is None:
                self._store.report_schedules.nothing_to_tell(schedule.id, week.monday)
                return None
            self._addresses.send(schedule, letter)
        except GearboxError as error:
            failures = schedule.failures + 1
            is_over = failures >= MOST_TRIES
            _log.warning("The report %s was not sent: %s", schedule.id, error.explain())
            self._store.report_schedules.failed(
                schedule.id,
                error.explain() + (f" Given up after {failures} tries: the week is left out." if is_over else ""),
                sent_event(GEARBOX, schedule, AuditOutcome.FAILED, week=monday),
                given_up=week.monday if is_over else None,
            )
            return None if is_over else pause_after(failures)
        done = sent_event(GEARBOX, schedule, AuditOutcome.DONE, week=monday)
        self._store.report_schedules.sent(schedule.id, self._clock(), done, week.monday)
        return None

    def _week(self, schedule: ReportSchedule) -> Week | None:
        return schedule.week_due(self._clock(), self._writing.zone)
