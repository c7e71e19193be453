"""What is known of who does not answer: open circuits, and endpoints that were asked in vain."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from core.providers.circuits import FAILURES, FIRST_REST, SILENT_FOR, Circuit, CircuitOpen, Circuits, Silences
from data.values.calls import ErrorKind

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ONE, OTHER = Circuit("ep1", "m"), Circuit("ep1", "n")


class Time:
    """Seconds and the date that goes with them."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def date(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 100)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def circuits(time: Time) -> Circuits:
    return Circuits(lambda: time.seconds, random.Random(1), time.date)


def fail(circuits: Circuits, times: int = FAILURES) -> None:
    for _ in range(times):
        circuits.left(ONE, "Acme", ErrorKind.PROVIDER, answered=False)


def test_an_open_circuit_is_silent_since_its_first_failure(circuits: Circuits, time: Time) -> None:
    fail(circuits, FAILURES - 1)
    assert circuits.silences() == Silences()
    time.seconds += 60
    fail(circuits, 1)
    assert circuits.silences().since("ep1", "m") == NOON
    assert circuits.silences().since("ep1", "n") is None, "another model there may work"
    circuits.left(ONE, "Acme", None, answered=True)
    assert circuits.silences() == Silences()


@pytest.mark.parametrize("error", [ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT])
def test_an_endpoint_that_was_asked_in_vain_is_silent_with_all_its_models(
    circuits: Circuits, time: Time, error: ErrorKind
) -> None:
    circuits.asked("ep1", error)
    time.seconds += SILENT_FOR - 1
    circuits.asked("ep1", error)
    time.seconds += SILENT_FOR - 1
    assert circuits.silences().since("ep1", "m") == circuits.silences().since("ep1", "n") == NOON
    assert circuits.silences().since("ep2", "m") is None
    circuits.enter(ONE, "Acme")  # it is called all the same
    circuits.left(ONE, "Acme", None, answered=True)
    assert circuits.silences() == Silences()


@pytest.mark.parametrize("error", [None, ErrorKind.AUTH, ErrorKind.NOT_FOUND, ErrorKind.RATE_LIMIT])
def test_whoever_says_anything_is_there(circuits: Circuits, error: ErrorKind | None) -> None:
    circuits.asked("ep1", ErrorKind.UNREACHABLE)
    circuits.asked("ep1", error)
    assert circuits.silences() == Silences()


def test_who_is_never_asked_again_is_not_silent_for_ever(circuits: Circuits, time: Time) -> None:
    circuits.asked("ep1", ErrorKind.UNREACHABLE)
    time.seconds += SILENT_FOR + 1
    assert circuits.silences() == Silences()


def test_a_person_who_wants_to_know_need_not_wait_for_the_probe(circuits: Circuits, time: Time) -> None:
    fail(circuits)
    with pytest.raises(CircuitOpen):
        circuits.enter(ONE, "Acme")
    circuits.try_now(ONE)
    circuits.try_now(OTHER)
    circuits.enter(ONE, "Acme")
    circuits.left(ONE, "Acme", ErrorKind.PROVIDER, answered=False)
    with pytest.raises(CircuitOpen):
        circuits.enter(ONE, "Acme")
    time.seconds += FIRST_REST * 2 * 1.2 + 0.1
    circuits.enter(ONE, "Acme")
