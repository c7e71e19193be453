"""The calculator: what it comes to, what it refuses, and that nothing takes it long."""

from __future__ import annotations

import json
import random
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GearboxError
from core.tools.builtin.arithmetic import calculate
from core.tools.builtin.calculator import CALCULATOR
from core.tools.builtin.functions import CONSTANTS, FUNCTIONS
from core.tools.builtin.numbers import CalculationError, written
from core.tools.tool import ToolContext
from data.values.parts import TextPart
from data.values.tool_calls import Effect
from tests.people import ALICE


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.1 + 0.2", "0.3"),
        ("(1299 * 1.19) / 3", "515.27"),
        ("-2**2", "-4"),
        ("2**3**2", "512"),
        ("2**-2", "0.25"),
        ("1/3*3", "1"),
        ("7//2 - -7//2", "7"),
        ("-17 % 5", "3"),
        ("17 mod 5", "2"),
        ("10%", "0.1"),
        ("15% of 80", "12"),
        ("200 + 10%", "220"),
        ("200 − 10%", "180"),
        ("5% + 3%", "0.08"),
        ("100 * 5%", "5"),
        ("5!", "120"),
        ("2×3−6÷2", "3"),
        ("3² + √(16)", "13"),
        ("１２＋３", "15"),
        ("2^10", "1024"),
        ("1_000.5e3", "1000500"),
        ("sqrt(2.25)", "1.5"),
        ("cbrt(-27)", "-3"),
        ("round(2.5) + round(-2.345, 2)", "0.65"),
        ("floor(-2.5) + ceil(1.2) + trunc(-1.9)", "-2"),
        ("mean(1, 2, 6) + median(1, 2, 3, 4)", "5.5"),
        ("max(1, 234) + min(3, -1) + sum(1, 2)", "236"),
        ("gcd(12, 18) + lcm(4, 6) + comb(5, 2) + perm(5, 2)", "48"),
        ("12345678901234567890 * 98765432109876543210", "1219326311370217952237463801111263526900"),
        ("sin(pi)", "0"),
        ("cos(pi/3)", "0.5"),
        ("log(8, 2) + log10(1000) + ln(e)", "7"),
        ("degrees(pi)", "180"),
        ("hypot(3, 4)", "5"),
        ("sqrt(2)", "1.4142135623731"),
        ("10**-30", "0.000000000000000000000000000001"),
        ("1e3000", "1e+3000"),
    ],
)
def test_it_calculates(expression: str, result: str) -> None:
    assert written(calculate(expression)) == result


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("9**9**9", "too large"),
        ("9**-9**9", "too large"),
        ("10**10**10**10", "too large"),
        ("1e999999999", "too large"),
        ("1e99999999999999999999", "too large"),
        ("100000!", "too large"),
        ("3!!!!", "too large"),
        ("exp(exp(exp(9)))", "too large"),
        ("exp(-100000)", "too close to zero"),
        ("hypot(1.7e308, 1.7e308)", "too large"),
        ("comb(10**9, 5)", "from 0 to 10,000"),
        ("perm(10000, 9000)", "too large"),
        ("round(1, 10**9)", "at most 1,000 places"),
        ("sin(1e999)", "angles up to"),
        ("(" * 900 + "1", "40 deep"),
        ("1" * 1001, "at most 1,000 characters"),
        ("1/0", "divides by zero"),
        ("5 % 0", "divides by zero"),
        ("0**-1", "divide by zero"),
        ("tan(pi/2)", "no value"),
        ("asin(2)", "no value"),
        ("sqrt(-1)", "no square root"),
        ("(-8)**0.3", "real numbers"),
        ("log(0)", "above 0"),
        ("factorial(2.5)", "2.5 is none"),
        ("1,234 + 5", "no thousands separators"),
        ("2(3)", r"before '\('"),
        ("1 +", "a number at the end"),
        ("(1", "closing bracket"),
        ("", "a number"),
        ("round()", r"a number before '\)'"),
        ("sqrt(1, 2)", "takes 1 numbers, not 2"),
        ("$5", r"'\$5' can't be read"),
        ("foo(1)", "'foo' is not known. Functions: abs"),
        ("__import__('os').system('id')", "can't be read"),
        ("(1).__class__", "can't be read"),
        ("lambda: 1", "can't be read|not known"),
        ("0x10", "can't be read"),
        ("٣ + 1", "can't be read"),
    ],
)
def test_it_says_why_it_does_not(expression: str, words: str) -> None:
    with pytest.raises(CalculationError, match=words):
        calculate(expression)


@settings(deadline=None)
@given(st.recursive(st.integers(0, 99).map(str), lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner)))
def test_it_agrees_with_fractions(tree: object) -> None:
    def text(node: object) -> str:
        return f"({text(node[0])}{node[1]}{text(node[2])})" if isinstance(node, tuple) else str(node)

    def value(node: object) -> Fraction:
        if not isinstance(node, tuple):
            return Fraction(str(node))
        left, right = value(node[0]), value(node[2])
        return {"+": left + right, "-": left - right, "*": left * right}[node[1]] if node[1] != "/" else left / right

    try:
        wanted = value(tree)
    except ZeroDivisionError:
        with pytest.raises(CalculationError):
            calculate(text(tree))
    else:
        assert calculate(text(tree)) == wanted


def test_no_expression_crashes_it_or_takes_long() -> None:
    rng = random.Random(5)
    words = [*FUNCTIONS, *CONSTANTS, *"+-*/%!(),.0123456789", "**", "//", "of", "mod", "1e3999", "0.1", "99", "(", ")"]
    slowest = 0.0
    for _ in range(3_000):
        expression = " ".join(rng.choices(words, k=rng.randrange(1, 12)))
        began = time.thread_time()
        try:
            written(calculate(expression))
        except GearboxError as error:
            assert str(error)
        slowest = max(slowest, time.thread_time() - began)
    assert slowest < 1.0


async def test_a_model_gets_the_value_and_whether_it_is_exact() -> None:
    assert CALCULATOR.effect is Effect.NONE
    found = {}
    for expression in ("0.1 + 0.2", "1/3", "sqrt(2)"):
        (part,) = (await CALCULATOR.run({"expression": expression}, ToolContext(ALICE))).parts
        assert isinstance(part, TextPart)
        found[expression] = json.loads(part.text)
    assert found["0.1 + 0.2"] == {"result": "0.3", "exact": True}
    assert found["1/3"] == {"result": "0.333333333333333", "exact": False, "fraction": "1/3"}
    assert found["sqrt(2)"] == {"result": "1.4142135623731", "exact": False}


async def test_a_long_argument_is_refused_before_it_is_read() -> None:
    with pytest.raises(GearboxError, match="expression"):
        await CALCULATOR.run({"expression": "1+" * 10_000}, ToolContext(ALICE))
