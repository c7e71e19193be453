"""Hears from the browser what stands in the chat's field when its writer pauses, before it is sent.

`st.chat_input` tells nothing before it is sent. So a component of Streamlit's second kind, drawn without a size,
watches the field in the page and tells of a pause over the connection that every widget's value takes. See ADR 51.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pages.packaged import component
from pages.widget_keys import Keys

_HERE = Path(__file__).resolve().parent

_MOST_CHARS = 100_000
"""As in the script, which tells of no longer ones. A browser may say anything."""

_MOST_FILES, _MOST_NAME = 100, 300


@dataclass(frozen=True, slots=True)
class Draft:
    """What stood in the field at a pause; nothing of it may be kept longer than the run that hears it.

    `files` are the names of those that were added to it.
    """

    text: str
    files: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could be sent."""
        return not self.text.strip() and not self.files


def heard() -> Draft | None:
    """Watch the field, and say what was heard from it in this run; None: nothing.

    It reaches the fragment that calls this, and only that one is run. Streamlit drops the value with the run's end, as
    that of a button.
    """
    watch = component(_HERE, "watch.js")
    told = watch(key=Keys.DRAFT, on_draft_change=_nothing).get("draft")
    return _read(told)


def _read(told: object) -> Draft | None:
    if not isinstance(told, dict):
        return None
    text, files = told.get("text"), told.get("files")
    if not isinstance(text, str) or not isinstance(files, list) or len(text) > _MOST_CHARS:
        return None
    return Draft(text, tuple(str(name)[:_MOST_NAME] for name in files[:_MOST_FILES]))


def _nothing() -> None:
    """Streamlit reports only what has a callback."""
