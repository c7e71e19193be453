"""Limits on what a person and a key may do: calls at once, and money a day. 0 means no limit.

Calls at once are counted in this process, those of chat and API together. Money is what the books say since midnight
UTC, of all processes: a call is in them when it has ended, so a limit is overrun by what runs when it is reached.
Unpriced calls count nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.clock import utc_now
from core.errors import RateLimited
from data.values.actor import Actor
from data.values.calls import CallIntent

_AGAIN_SECONDS = 1.0  # nobody knows when a running call ends; it is worth asking again soon


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of it. Money is in US dollars a day."""

    answers_per_person: int = 0
    calls_per_key: int = 0
    spend_per_person: Decimal = Decimal(0)
    spend_per_key: Decimal = Decimal(0)


Spent = Callable[[datetime, str | None, str | None], Decimal]
"""US dollars since a moment: of a person's calls, or of a key's. Blocking."""


class Limits:
    """Thread-safe: the loops of chat and API share one.

    Args:
        allowance: how much.
        spent: what the books say; see `Spent`.
        clock: for the day.
    """

    def __init__(
        self, allowance: Allowance | None = None, spent: Spent | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.allowance = allowance or Allowance()
        self._spent = spent
        self._clock = clock
        self._answers = _Counts()
        self._calls = _Counts()

    async def check(self, intent: CallIntent, label: str) -> None:
        """See that person and key may still spend. `label` is what people call the key's endpoint.

        Raises:
            RateLimited: no; says when the next day begins.
        """
        allowed = self.allowance
        if self._spent is None or not (allowed.spend_per_person or allowed.spend_per_key):
            return
        await self._spending(allowed.spend_per_person, "You have", user_id=intent.actor.user_id)
        if intent.secret_id is not None:
            await self._spending(allowed.spend_per_key, f"The key for {label} has", secret_id=intent.secret_id)

    def left(self, user_id: str, secret_id: str | None) -> Decimal | None:
        """US dollars that may still be spent today by a person with a key; None: there is no limit. Blocking.

        Nothing, or less, where it is used up.
        """
        if self._spent is None:
            return None
        today = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        most = self.allowance.spend_per_person, self.allowance.spend_per_key
        found = [most[0] - self._spent(today, user_id, None)] if most[0] else []
        if most[1] and secret_id is not None:
            found.append(most[1] - self._spent(today, None, secret_id))
        return min(found, default=None)

    @contextmanager
    def answer(self, person: Actor) -> Iterator[None]:
        """One more answer for a person, until the end of the block.

        Raises:
            RateLimited: they have as many in progress as are allowed.
        """
        most = self.allowance.answers_per_person
        said = f"You have {most} {'answer' if most == 1 else 'answers'} in progress"
        with self._answers.one_more(person.user_id, most, said):
            yield

    @contextmanager
    def call(self, intent: CallIntent, label: str) -> Iterator[None]:
        """One more call with a key, until the end of the block.

        Raises:
            RateLimited: it has as many in progress as are allowed.
        """
        most = self.allowance.calls_per_key if intent.secret_id else 0
        said = f"The key for {label} has {most} {'call' if most == 1 else 'calls'} in progress"
        with self._calls.one_more(intent.secret_id or "", most, said):
            yield

    async def _spending(
        self, most: Decimal, who: str, *, user_id: str | None = None, secret_id: str | None = None
    ) -> None:
        if not most or self._spent is None:
            return
        now = self._clock()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        spent = await asyncio.to_thread(self._spent, today, user_id, secret_id)
        if spent >= most:
            wait = today + timedelta(days=1) - now
            hours, minutes = divmod(-(-int(wait.total_seconds()) // 60), 60)
            until = f"{hours} h {minutes} min" if hours else f"{minutes} min"
            raise RateLimited(
                f"{who} spent {_dollars(spent)} today; {_dollars(most)} a day are allowed.",
                f"It goes on at 00:00 UTC, in {until}. Admins set the limit.",
                retry_after=wait.total_seconds(),
            )


def _dollars(amount: Decimal) -> str:
    """Cents, and more digits where there would be none to see."""
    return f"${amount:.2f}" if not amount or amount >= Decimal("0.01") else f"${amount:.2g}"


class _Counts:
    def __init__(self) -> None:
        self._of: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one_more(self, key: str, most: int, said: str) -> Iterator[None]:
        if not most:
            yield
            return
        with self._lock:
            if self._of[key] >= most:
                raise RateLimited(
                    f"{said}, as many as are allowed at once.",
                    "It goes on as soon as one of them ends.",
                    retry_after=_AGAIN_SECONDS,
                )
            self._of[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._of[key] -= 1
                if not self._of[key]:
                    del self._of[key]
