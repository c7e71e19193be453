"""Reads and calculates an expression: a grammar of its own, so that nothing which isn't arithmetic can ever run.

sum      = product (("+" | "-") product)*
product  = signed (("*" | "/" | "//" | "%" | "mod" | "of") signed)*
signed   = ("+" | "-")* raised
raised   = marked ("**" signed)?
marked   = simple ("!" | "%")*
simple   = number | constant | function "(" sum ("," sum)* ")" | "(" sum ")"
"""

from __future__ import annotations

import decimal
import math
import re
import unicodedata
from fractions import Fraction

from core.tools.builtin.functions import CONSTANTS, FUNCTIONS
from core.tools.builtin.numbers import (
    CONTEXT,
    MOST_DIGITS,
    CalculationError,
    Number,
    bounded,
    inexact,
    power,
    too_large,
)

MOST_CHARS = 1_000
_DEEPEST = 40

_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/", "^": "**"}
    | {"π": "pi", "√": "sqrt", "²": "**2", "³": "**3", "[": "(", "]": ")"}
)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9](?:_?[0-9])*)?\.?[0-9](?:_?[0-9])*\.?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z_.]))"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>\*\*|//|[-+*/%(),!]))"
)


class _Percent(Fraction):
    """A number that was written with a percent sign, which means more behind a plus or minus."""


def calculate(expression: str) -> Number:
    """What the expression comes to.

    Raises:
        CalculationError: it can't be read, has no value, or takes numbers that are too large.
    """
    if len(expression) > MOST_CHARS:
        raise CalculationError(f"An expression has at most {MOST_CHARS:,} characters.")
    try:
        return _Reader(_tokens(expression)).value()
    except decimal.Overflow:
        raise too_large() from None
    except decimal.Underflow:
        raise CalculationError("The numbers get too close to zero.") from None
    except (decimal.InvalidOperation, decimal.DivisionByZero, ZeroDivisionError):
        raise CalculationError("That divides by zero, or has no value.") from None


def _tokens(expression: str) -> list[str]:
    text = unicodedata.normalize("NFKC", expression.translate(_SIGNS)).translate(_SIGNS).strip()
    found, at = [], 0
    while at < len(text):
        read = _TOKEN.match(text, at)
        if read is None:
            rest = text[at:].lstrip()
            raise CalculationError(
                f"{rest[:20]!r} can't be read. Write numbers like 1234.56 and only + - * / // % ** ! ( ) with the "
                f"functions {', '.join(FUNCTIONS)} and the constants {', '.join(CONSTANTS)}."
            )
        found.append(read[0].strip())
        at = read.end()
    return found


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def value(self) -> Number:
        found = self._sum()
        if self._at < len(self._tokens):
            raise self._unexpected("a sign like + or *")
        return Fraction(found) if isinstance(found, Fraction) else found

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _took(self, *signs: str) -> str:
        token = self._next()
        if token not in signs or not token:
            return ""
        self._at += 1
        return token

    def _unexpected(self, wanted: str) -> CalculationError:
        token = self._next()
        comma = " Numbers have no thousands separators." if token.startswith(",") else ""
        place = f"before {token!r}" if token else "at the end"
        return CalculationError(f"There should be {wanted} {place}.{comma}")

    def _sum(self) -> Number:
        left = self._product()
        while sign := self._took("+", "-"):
            right = self._product()
            # 200 + 10% is 220, as on every pocket calculator.
            if isinstance(right, _Percent) and not isinstance(left, _Percent):
                right = _joined("*", left, right)
            left = _joined(sign, left, right)
        return left

    def _product(self) -> Number:
        left = self._signed()
        while sign := self._took("*", "/", "//", "%", "mod", "of"):
            left = _joined("*" if sign == "of" else sign, left, self._signed())
        return left

    def _signed(self) -> Number:
        negative = False
        while sign := self._took("+", "-"):
            negative ^= sign == "-"
        found = self._raised()
        return _joined("-", Fraction(0), found) if negative else found

    def _raised(self) -> Number:
        base = self._marked()
        if not self._took("**"):
            return base
        self._deeper()
        exponent = self._signed()
        self._depth -= 1
        return bounded(power(base, exponent))

    def _marked(self) -> Number:
        found = self._simple()
        while True:
            if self._took("!"):
                found = FUNCTIONS["factorial"].run(found)
            elif self._next() == "%" and not self._is_modulo():
                self._at += 1
                hundredth = _joined("/", found, Fraction(100))
                found = _Percent(hundredth) if isinstance(hundredth, Fraction) else hundredth
            else:
                return found

    def _is_modulo(self) -> bool:
        """Whether a number comes after the percent sign: then it is the remainder of a division."""
        after = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else ""
        return after not in {"of", "mod"} and (after == "(" or after[:1].isalnum() or after[:1] == ".")

    def _simple(self) -> Number:
        token = self._next()
        if self._took("("):
            return self._inside()[0]
        if token[:1].isdigit() or token[:1] == ".":
            self._at += 1
            return _number(token)
        if token in CONSTANTS:
            self._at += 1
            return CONSTANTS[token]
        if token.lower() in FUNCTIONS:
            self._at += 1
            if not self._took("("):
                raise self._unexpected(f"a bracket after {token}")
            return self._called(token.lower())
        if token[:1].isalpha() and token not in {"of", "mod"}:
            raise CalculationError(
                f"{token!r} is not known. Functions: {', '.join(FUNCTIONS)}. Constants: {', '.join(CONSTANTS)}."
            )
        raise self._unexpected("a number")

    def _called(self, name: str) -> Number:
        numbers = self._inside(many=True)
        function = FUNCTIONS[name]
        if not function.least <= len(numbers) <= function.most:
            wanted = f"{function.least}" if function.least == function.most else f"{function.least} to {function.most}"
            raise CalculationError(f"{name} takes {wanted} numbers, not {len(numbers)}.")
        return bounded(function.run(*numbers))

    def _inside(self, *, many: bool = False) -> list[Number]:
        """What stands between brackets; the first one is read already."""
        self._deeper()
        found = [self._sum()]
        while many and self._took(","):
            found.append(self._sum())
        if not self._took(")"):
            raise self._unexpected("a closing bracket")
        self._depth -= 1
        return found

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CalculationError(f"Brackets and powers may be {_DEEPEST} deep.")


def _number(token: str) -> Number:
    mantissa, _, exponent = token.lower().partition("e")
    if len(mantissa) + abs(int(exponent[:8] or 0)) > MOST_DIGITS:
        raise too_large()
    return Fraction(token)


def _joined(sign: str, left: Number, right: Number) -> Number:
    if sign in {"/", "//", "%", "mod"} and right == 0:
        raise CalculationError("That divides by zero.")
    if sign in {"//", "%", "mod"}:
        whole = Fraction(math.floor(Fraction(left) / Fraction(right)))
        found: Number = whole if sign == "//" else Fraction(left) - whole * Fraction(right)
        is_exact = sign == "//" or (isinstance(left, Fraction) and isinstance(right, Fraction))
        return bounded(found if is_exact else inexact(found))
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        exact = {"+": Fraction.__add__, "-": Fraction.__sub__, "*": Fraction.__mul__, "/": Fraction.__truediv__}
        return bounded(Fraction(exact[sign](left, right)))
    context = CONTEXT.copy()
    run = {"+": context.add, "-": context.subtract, "*": context.multiply, "/": context.divide}[sign]
    return run(inexact(left), inexact(right))
