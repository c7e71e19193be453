"""What the Explore page asks for. Blocking: for threads, not for the event loop."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo

from core.access.access import Access
from core.access.policy import Permission
from core.clock import utc_now
from core.errors import GearboxError, SwitchedOff
from core.explore.answering import Answer
from core.explore.feeding import Feeding, views_for
from core.explore.wording import in_plain_words
from data.analytics.period import Period
from data.analytics.picked_sql import sql_of, values_sql
from data.analytics.picking import Picked, Subject, Topic, topic
from data.query import Desks, QueryError
from data.values.actor import Actor
from data.warehouse.views import View

_WARM = timedelta(minutes=1)


def sees_people(access: Access, actor: Actor) -> bool:
    """Whether somebody may know who the pseudonyms are. The one place that decides it for this page."""
    return access.may(actor, Permission.MANAGE_PEOPLE)


class ExploreService:
    """Questions over the warehouse, in a process of their own.

    Args:
        zone: whose days the data are cut into.
        writes_sql: who may run statements of their own; others pick.
    """

    def __init__(
        self,
        access: Access,
        feeding: Feeding,
        desks: Desks,
        *,
        zone: tzinfo,
        clock: Callable[[], datetime] = utc_now,
        writes_sql: Callable[[Actor], bool] = lambda _actor: True,
    ) -> None:
        self._access = access
        self._feeding = feeding
        self._desks = desks
        self._zone = zone
        self._writes_sql = writes_sql
        self._clock = clock
        self._warmed: dict[str, datetime] = {}

    def views(self, actor: Actor) -> tuple[View, ...]:
        """What this person may ask, for the schema browser.

        Raises:
            AccessRefused: the actor may not see what everybody's calls came to; so do all others here.
        """
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        return views_for(sees_people(self._access, actor))

    def topic(self, actor: Actor, subject: Subject) -> Topic:
        """What this person may pick of a subject."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        return topic(subject, sees_people=sees_people(self._access, actor))

    def run(self, actor: Actor, sql: str) -> Answer:
        """Run a statement that somebody wrote.

        Raises:
            QueryError: it is no single statement that reads, is wrong, or takes too much.
            WarehouseError: the warehouse can't be read.
            SwitchedOff: the actor may pick only.
        """
        if not self.writes_sql(actor):
            raise SwitchedOff("SQL is switched off here.", "Pick a question, or ask an admin: the flag is sql-console.")
        return self._run(actor, sql)

    def writes_sql(self, actor: Actor) -> bool:
        """Whether the actor may run statements of their own. Raises AccessRefused."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        return self._writes_sql(actor)

    def _run(self, actor: Actor, sql: str) -> Answer:
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        if not sql.strip():
            raise QueryError("There is nothing to run.", "Write a SELECT, or begin with an example.")
        fed = self._feeding.feed(sees_people=sees_people(self._access, actor))
        began = time.perf_counter()
        try:
            rows = self._desks.run(actor.user_id, fed.feed, sql)
        except QueryError as error:
            raise in_plain_words(error) from None
        named = [of for table, of in fed.counts.items() if re.search(rf"\b{table}\b", sql, re.IGNORECASE)]
        events, samples = (sum(each[at] for each in named) for at in (0, 1))
        return Answer(sql, rows, fed.at, time.perf_counter() - began, events, samples, fed.since)

    def sql_of(self, actor: Actor, picked: Picked) -> str:
        """A picked question as the statement that is run for it. Raises QueryError where it can't be asked."""
        known = self.topic(actor, picked.subject)
        if not picked.measures:
            raise QueryError("Nothing is picked to count.", "Pick at least one number.")
        try:
            for name in (*picked.dimensions, *(name for name, _ in picked.filters)):
                known.dimensions[name]
            return sql_of(picked, self._clock().astimezone(self._zone).date(), str(self._zone))
        except KeyError as error:
            raise QueryError(
                f"{known.label} have no {error.args[0]} that you could ask for.", "Pick something else."
            ) from None

    def ask(self, actor: Actor, picked: Picked) -> Answer:
        """Run a picked question. Raises like `run`."""
        return self._run(actor, self.sql_of(actor, picked))

    def values(self, actor: Actor, subject: Subject, dimension: str, period: Period | None) -> tuple[str, ...]:
        """What a dimension's values are, the most frequent first. Raises like `run`."""
        known = self.topic(actor, subject)
        if dimension not in known.dimensions:
            raise QueryError(f"{known.label} have no {dimension} that you could ask for.", "Pick something else.")
        today = self._clock().astimezone(self._zone).date()
        answer = self._run(actor, values_sql(subject, dimension, period, today, str(self._zone)))
        return tuple(str(row[0]) for row in answer.rows.rows)

    def warm(self, actor: Actor) -> None:
        """Get everything ready for a first question, in the background: returns at once.

        What stands in the way is told when one is asked.
        """
        now = self._clock()
        if now - self._warmed.get(actor.user_id, now - _WARM) < _WARM:
            return
        self._warmed[actor.user_id] = now

        def work() -> None:
            with suppress(GearboxError):
                self.run(actor, "SELECT 1")

        threading.Thread(target=work, name="explore-warm", daemon=True).start()
