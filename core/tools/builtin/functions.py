"""The functions that the calculator knows, each with how many numbers it takes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.tools.builtin.numbers import CONTEXT, CalculationError, Number, inexact, power, square_root, too_large, whole

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534")
E = Decimal("2.71828182845904523536028747135266249775724709369995957496696762772407663035354759457138217852")

CONSTANTS: Mapping[str, Number] = {"pi": CONTEXT.plus(PI), "tau": CONTEXT.plus(PI * 2), "e": CONTEXT.plus(E)}

_MOST_OF_FACTORIAL = 1_000
_MOST_TO_CHOOSE_FROM = 10_000
_MOST_PLACES = 1_000
_MOST_TURNS = Decimal("1e15")
_NEXT_TO_NOTHING = 1e-15
_ANY = 1_000


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` numbers in, one out."""

    run: Callable[..., Number]
    least: int = 1
    most: int = 1


def _rounded(number: Number, places: Number = Fraction(0)) -> Number:
    """Half away from zero, as people do; Python's own rounds half to even."""
    digits = whole(places, "round")
    if abs(digits) > _MOST_PLACES:
        raise CalculationError(f"round takes at most {_MOST_PLACES:,} places.")
    scaled = abs(Fraction(number)) * Fraction(10) ** digits
    return (1 if number >= 0 else -1) * Fraction(math.floor(scaled + Fraction(1, 2))) / Fraction(10) ** digits


def _logarithm(number: Number, base: Number | None = None) -> Number:
    if number <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise CalculationError("A logarithm needs a number above 0, and a base above 0 that is not 1.")
    context = CONTEXT.copy()
    if base is None:
        return context.ln(inexact(number))
    if base == 10:
        return context.log10(inexact(number))
    return context.divide(context.ln(inexact(number)), context.ln(inexact(base)))


def _turned(name: str, run: Callable[[float], float]) -> Function:
    """A function of an angle in radians, good for 15 digits."""

    def of_angle(angle: Number) -> Number:
        if not -_MOST_TURNS <= angle <= _MOST_TURNS:
            raise CalculationError(f"{name} takes angles up to {_MOST_TURNS:.0e} radians.")
        context = CONTEXT.copy()
        rest = float(context.remainder(inexact(angle), context.multiply(PI, Decimal(2))))
        # A float of pi is not pi: sin of it is a little more than nothing.
        if name == "tan" and abs(rest) > 1 and abs(math.cos(rest)) < _NEXT_TO_NOTHING:
            raise CalculationError("tan has no value there.")
        found = run(rest)
        return Fraction(0) if abs(found) < _NEXT_TO_NOTHING and abs(rest) > 1 else _decimal(found)

    return Function(of_angle)


def _plain(run: Callable[..., float], count: int = 1) -> Function:
    """A function of Python's, good for 15 digits."""

    def of_floats(*numbers: Number) -> Number:
        try:
            return _decimal(run(*(float(number) for number in numbers)))
        except ValueError:
            raise CalculationError("A function has no value for the number that it was given.") from None
        except OverflowError:
            raise too_large() from None

    return Function(of_floats, count, count)


def _decimal(number: float) -> Decimal:
    if math.isinf(number):
        raise too_large()
    return Decimal(f"{number:.15g}")


def _factorial(number: Number) -> Number:
    up_to = whole(number, "factorial")
    if up_to < 0:
        raise CalculationError("factorial takes no negative number.")
    if up_to > _MOST_OF_FACTORIAL:
        raise too_large()
    return Fraction(math.factorial(up_to))


def _counted(name: str, run: Callable[..., int], least: int, most: int) -> Function:
    """A function of whole numbers."""

    def of_integers(*numbers: Number) -> Number:
        taken = [whole(number, name) for number in numbers]
        if name in {"comb", "perm"} and (min(taken) < 0 or taken[0] > _MOST_TO_CHOOSE_FROM):
            raise CalculationError(f"{name} takes whole numbers from 0 to {_MOST_TO_CHOOSE_FROM:,}.")
        if name == "perm" and taken[1] * taken[0].bit_length() > 2 * _MOST_TO_CHOOSE_FROM:
            raise too_large()
        return Fraction(run(*taken))

    return Function(of_integers, least, most)


def _exact(numbers: Sequence[Number]) -> list[Fraction]:
    return [Fraction(number) for number in numbers]


def _joined(run: Callable[[list[Fraction]], Fraction]) -> Function:
    """A function of any many numbers: exact when they are."""

    def of_any(*numbers: Number) -> Number:
        found = run(_exact(numbers))
        return found if all(isinstance(number, Fraction) for number in numbers) else inexact(found)

    return Function(of_any, 1, _ANY)


def _cube_root(number: Number) -> Number:
    if number < 0:
        return -_cube_root(-number)
    about = power(number, inexact(Fraction(1, 3)))
    root = _rounded(about)
    return root if root**3 == number else about


def _modulo(left: Number, right: Number) -> Number:
    if right == 0:
        raise CalculationError("That divides by zero.")
    found = Fraction(left) % Fraction(right)
    return found if isinstance(left, Fraction) and isinstance(right, Fraction) else inexact(found)


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(abs),
    "round": Function(_rounded, 1, 2),
    "floor": Function(lambda number: Fraction(math.floor(number))),
    "ceil": Function(lambda number: Fraction(math.ceil(number))),
    "trunc": Function(lambda number: Fraction(int(number))),
    "sqrt": Function(square_root),
    "cbrt": Function(_cube_root),
    "mod": Function(_modulo, 2, 2),
    "min": Function(min, 1, _ANY),
    "max": Function(max, 1, _ANY),
    "sum": _joined(lambda numbers: sum(numbers, Fraction(0))),
    "mean": _joined(lambda numbers: sum(numbers, Fraction(0)) / len(numbers)),
    "median": _joined(lambda numbers: Fraction(statistics.median(numbers))),
    "exp": Function(lambda number: CONTEXT.copy().exp(inexact(number))),
    "ln": Function(_logarithm),
    "log": Function(_logarithm, 1, 2),
    "log2": Function(lambda number: _logarithm(number, Fraction(2))),
    "log10": Function(lambda number: _logarithm(number, Fraction(10))),
    "sin": _turned("sin", math.sin),
    "cos": _turned("cos", math.cos),
    "tan": _turned("tan", math.tan),
    "asin": _plain(math.asin),
    "acos": _plain(math.acos),
    "atan": _plain(math.atan),
    "atan2": _plain(math.atan2, 2),
    "sinh": _plain(math.sinh),
    "cosh": _plain(math.cosh),
    "tanh": _plain(math.tanh),
    "hypot": _plain(math.hypot, 2),
    "degrees": Function(lambda angle: CONTEXT.copy().divide(inexact(angle) * 180, PI)),
    "radians": Function(lambda angle: CONTEXT.copy().divide(CONTEXT.copy().multiply(inexact(angle), PI), Decimal(180))),
    "factorial": Function(_factorial),
    "gcd": _counted("gcd", math.gcd, 1, _ANY),
    "lcm": _counted("lcm", math.lcm, 1, _ANY),
    "comb": _counted("comb", math.comb, 2, 2),
    "perm": _counted("perm", math.perm, 2, 2),
}
