"""Numbers of the Usage page as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from data.analytics.usage import Spend

NONE = "–"
NOT_PRICED = "not priced"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_SMALLEST = Decimal("0.000001")


def count(number: int) -> str:
    """Up to four digits in full, then three that count: 1,234 / 12.3k / 4.56M."""
    if number < 10_000:
        return f"{number:,}"
    scaled, letter = float(number), ""
    for following in "kMB":
        scaled, letter = scaled / 1000, following
        if scaled < 999.5:
            break
    return f"{scaled:.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f}{letter}"


def cost(spend: Sequence[Spend], *, estimated: bool = False) -> str:
    """What was spent, each currency for itself; ≈ when it rests on estimates."""
    if not spend:
        return NOT_PRICED
    return ("≈ " if estimated else "") + " + ".join(money(item) for item in spend)


def money(spend: Spend) -> str:
    """From one unit on with cents, below it with two significant digits, so that a cheap call is not 0.00."""
    sign = _SIGNS.get(spend.currency, f"{spend.currency} ")
    amount = spend.amount
    if amount == 0:
        return f"{sign}0"
    if amount < _SMALLEST:
        return f"< {sign}{_SMALLEST:f}"
    if amount >= 1:
        return f"{sign}{amount:,.2f}"
    return f"{sign}{round(amount, 1 - amount.adjusted()):f}"


def duration(milliseconds: float | None) -> str:
    """340 ms / 1.2 s / 1m 5s."""
    if milliseconds is None:
        return NONE
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return f"{round(seconds) // 60}m {round(seconds) % 60}s"


def day(moment: datetime) -> str:
    """12 May 2026."""
    return f"{moment.day} {moment:%B %Y}"
