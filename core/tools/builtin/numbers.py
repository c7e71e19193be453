"""Numbers of the calculator: exact fractions as long as that is possible, else decimals of 50 digits.

Every number has a bound, so that no short expression makes a long calculation.
"""

from __future__ import annotations

import decimal
import math
from decimal import Decimal
from fractions import Fraction

from core.errors import GearboxError

Number = Fraction | Decimal

MOST_DIGITS = 4_000
"""Digits that an exact number may have: Python reads and writes no integer of more than 4,300."""

_MOST_BITS = int(MOST_DIGITS * math.log2(10))
_SHOWN_WHOLE = 400
_SHOWN_DECIMALS = 40
_SHOWN_ABOUT = 15

CONTEXT = decimal.Context(
    prec=50,
    Emax=MOST_DIGITS,
    Emin=-MOST_DIGITS,
    traps=[decimal.Overflow, decimal.Underflow, decimal.InvalidOperation, decimal.DivisionByZero],
)
"""For copies: a context belongs to one thread."""


class CalculationError(GearboxError):
    """This can't be calculated; the words say where and why."""


def bounded(number: Number) -> Number:
    """The number itself.

    Raises:
        CalculationError: it has too many digits.
    """
    if (
        isinstance(number, Fraction)
        and max(number.numerator.bit_length(), number.denominator.bit_length()) > _MOST_BITS
    ):
        raise too_large()
    return number


def too_large() -> CalculationError:
    """What a number beyond the bounds raises."""
    return CalculationError(f"The numbers get too large: at most {MOST_DIGITS:,} digits are calculated with.")


def inexact(number: Number) -> Decimal:
    """As a decimal of 50 digits."""
    if isinstance(number, Decimal):
        return number
    return CONTEXT.copy().divide(Decimal(number.numerator), Decimal(number.denominator))


def whole(number: Number, what: str) -> int:
    """As an integer. Raises CalculationError when it has a fraction; `what` names what wants it."""
    if number != (cut := int(number)):
        raise CalculationError(f"{what} takes whole numbers, and {written(number)} is none.")
    return cut


def power(base: Number, exponent: Number) -> Number:
    """`base ** exponent`, exact where base and result are fractions; a square root that comes out even is one too."""
    if base == 0 and exponent < 0:
        raise CalculationError("0 has no negative power: that would divide by zero.")
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        if exponent.denominator == 1:
            size = max(base.numerator.bit_length(), base.denominator.bit_length())
            if abs(base) not in (0, 1) and abs(exponent) * (size - 1) > _MOST_BITS:
                raise too_large()
            sign = -1 if base < 0 and exponent.numerator % 2 else 1
            return sign * abs(base) ** exponent.numerator if abs(base) != 1 else Fraction(sign)
        if exponent == Fraction(1, 2):
            return square_root(base)
    if base < 0:
        raise CalculationError(f"A negative number has no power of {written(exponent)} among the real numbers.")
    return CONTEXT.copy().power(inexact(base), inexact(exponent))


def square_root(number: Number) -> Number:
    """Exact where it comes out even."""
    if number < 0:
        raise CalculationError("A negative number has no square root among the real numbers.")
    if isinstance(number, Fraction):
        root = Fraction(math.isqrt(number.numerator), math.isqrt(number.denominator))
        if root * root == number:
            return root
    return CONTEXT.copy().sqrt(inexact(number))


def written(number: Number) -> str:
    """For reading: in full where that is exact and not endless, else with 15 digits that matter."""
    if isinstance(number, Fraction) and is_written_in_full(number):
        if number.denominator == 1:
            return str(number.numerator)
        places = _decimals(number.denominator)
        scaled = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
        return f"{'-' if number < 0 else ''}{scaled[:-places]}.{scaled[-places:]}"
    about = inexact(number)
    rounded = decimal.Context(prec=_SHOWN_ABOUT, Emax=MOST_DIGITS, Emin=-MOST_DIGITS).plus(about).normalize()
    return f"{rounded:f}" if -_SHOWN_ABOUT <= rounded.adjusted() < _SHOWN_ABOUT + 6 else f"{rounded:e}"


def is_written_in_full(number: Number) -> bool:
    """Whether `written` leaves nothing of it out."""
    if not isinstance(number, Fraction) or number.numerator.bit_length() > _SHOWN_WHOLE * math.log2(10):
        return False
    return 0 <= _decimals(number.denominator) <= _SHOWN_DECIMALS


def fraction_behind(number: Number) -> str:
    """The exact fraction where `written` can't be exact and it is short, like 1/3; else nothing."""
    if not isinstance(number, Fraction) or is_written_in_full(number) or number.denominator == 1:
        return ""
    return text if len(text := str(number)) <= _SHOWN_DECIMALS else ""


def _decimals(denominator: int) -> int:
    """How many decimals a fraction has that comes to an end; -1 where it does not, or has very many."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0 and fives <= _SHOWN_DECIMALS:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else -1
