"""What a calendar month has cost so far, and what it may come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from data.analytics.forecast import DAYS_AT_MOST, Forecast, forecast
from data.analytics.usage_values import Month, Sums


def month_days(today: date) -> tuple[date, date]:
    """The first and the last day of a day's month."""
    first = today.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_of(days: Mapping[date, Sums], now: datetime, zone: tzinfo, currency: str) -> Month | None:
    """The month of `now`; None where nothing of it has a price.

    Args:
        days: what each day came to, also before this month: of a day that is missing there was nothing.
    """
    amounts = {day: sums.spend[currency] for day, sums in days.items() if currency in sums.spend}
    if not amounts:
        return None
    first, last = month_days(now.astimezone(zone).date())
    spent = sum((amount for day, amount in amounts.items() if first <= day <= last), Decimal())
    return Month(first, last, currency, spent, month_forecast(amounts, spent, now, zone))


def month_forecast(amounts: Mapping[date, Decimal], spent: Decimal, now: datetime, zone: tzinfo) -> Forecast | None:
    """What the month of `now` comes to by its end: what was spent, the rest of today, and the days after it.

    Of today as large a part is to come as there is left of the day, whatever was spent in it so far.
    """
    today = now.astimezone(zone).date()
    _, last = month_days(today)
    past = [today - timedelta(days=number) for number in range(DAYS_AT_MOST, 0, -1)]
    begun = min((day for day, amount in amounts.items() if amount), default=today)
    values = [float(amounts.get(day, Decimal())) for day in past if day >= begun]
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (today, today + timedelta(days=1)))
    left = max(0.0, (end - now) / (end - start))
    return forecast(values, [left, *[1.0] * (last - today).days], so_far=float(spent))
