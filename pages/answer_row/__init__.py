"""The buttons under an answer as one element: Streamlit's own would be six, on every answer of the page.

It copies in the browser. What was pressed comes as the value of a trigger, which Streamlit drops with the run's end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.routing.feedback import Thumb
from pages.packaged import component
from pages.session import Session

_HERE = Path(__file__).resolve().parent

PRESSES = frozenset({"thumb", "copied", "edit", "again", "other"})


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed; `is_up` is where the thumb points after it, None where it was taken back."""

    what: str
    is_up: bool | None = None


def draw(key: str, text: str, thumb: Thumb | None, *, is_rated: bool, on_press: Callable[[], None]) -> Pressed | None:
    """Draw the buttons; says what was pressed, which `on_press` can hear before with `pressed`.

    Args:
        text: is what Copy takes along; without any there is no Copy.
        is_rated: whether a model gave the answer: only then there are thumbs.
    """
    shown = None if thumb is None else ("down", "up")[thumb.is_up]
    data = {"text": text, "thumb": shown, "rated": is_rated}
    result = component(_HERE, "row.js", "row.css")(key=key, data=data, width="content", on_press_change=on_press)
    return _read(result.get("press"))


def pressed(key: str) -> Pressed | None:
    """What was pressed in the row of this key; for its callback."""
    value = Session().chosen(key)
    return _read(value.get("press")) if hasattr(value, "get") else None


def _read(told: object) -> Pressed | None:
    if not isinstance(told, dict) or told.get("what") not in PRESSES:
        return None
    return Pressed(str(told["what"]), {"up": True, "down": False}.get(str(told.get("thumb"))))
