"""What could not be sent: its files, kept for the next try, and why it stayed here.

The words go back into the field. Its files can't: a browser puts none into a page. They stand above it instead.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.chat.attachments import FilesRefused, Taken
from core.errors import GearboxError
from pages.file_words import extent, icon
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys


@dataclass(frozen=True, slots=True)
class Held:
    """A message that was not sent: why, as it is told, and its files that can go."""

    reasons: tuple[str, ...]
    files: tuple[Taken, ...] = ()


def hold(text: str, files: Sequence[Taken], error: GearboxError) -> None:
    """Keep a message that was refused for its person to send again; the next run draws it."""
    session = Session()
    each = error.refusals if isinstance(error, FilesRefused) else (error,)
    session.held = Held(tuple(reason.explain() for reason in each), tuple(files))
    session.begin_with(text, "")


def explain(reason: str) -> None:
    """Give another reason for what is held, if anything is."""
    session = Session()
    held = session.held
    if isinstance(held, Held):
        session.held = replace(held, reasons=(reason,))


def take() -> tuple[Taken, ...]:
    """The files that were held, for the message that is sent now."""
    session = Session()
    held, session.held = session.held, None
    return held.files if isinstance(held, Held) else ()


def files() -> tuple[Taken, ...]:
    """Those that go with the next message; they stay held."""
    held = Session().held
    return held.files if isinstance(held, Held) else ()


def draw() -> None:
    """Draw what is held above the field, if anything is."""
    held = Session().held
    if not isinstance(held, Held):
        return
    with st.container(key=Keys.HELD):
        with st.container(key=Keys.HELD_REASONS):
            for reason in held.reasons:
                st.error(plain(reason), icon=":material/error:")
        if held.files:
            with st.container(horizontal=True, gap="small", key=Keys.HELD_FILES):
                for number, file in enumerate(held.files):
                    _chip(number, file)
            st.caption(
                "These go with your next message." if len(held.files) > 1 else "This goes with your next message."
            )


def _chip(number: int, file: Taken) -> None:
    name = file.part.name
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", width="content", key=f"held-chip-{number}"
    ):
        preview = file.blob.preview if file.blob is not None else None
        shown = "" if preview is not None else f"{icon(file.part)} "
        if preview is not None:
            st.image(f"data:image/webp;base64,{base64.b64encode(preview).decode()}", width=40, alt=name)
        st.markdown(f"{shown}{plain(name)}  \n:small[:gray[{plain(extent(file.part))}]]")
        st.button(
            "Remove",
            icon=":material/close:",
            key=f"drop-{number}",
            help=f"Remove {plain(name)}",
            type="tertiary",
            on_click=_drop,
            args=(number,),
        )


def _drop(number: int) -> None:
    """Take a held file away; a callback."""
    session = Session()
    held = session.held
    if isinstance(held, Held):
        files = held.files[:number] + held.files[number + 1 :]
        session.held = replace(held, files=files)
