"""The field at the bottom of the chat page: a prompt, and files with it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.chat.attachments import UPLOAD_BYTES, Attachment, Taken
from pages import held
from pages.session import Session
from pages.widget_keys import Keys

_RECORDING = "recording.wav"
"""What a sound is called that was recorded in the field; the browser's own name for it is a date."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What was sent; files that were held from an earlier try come first."""

    text: str
    files: tuple[Attachment | Taken, ...]


def draw() -> Composed | None:
    """The field, and above it what could not be sent; what was just sent with it.

    It is never disabled by us: that would take a prompt back that is on its way from the browser. Nor does it list
    file types: those go by a file's name, and `core.chat.attachments` looks at what is in it.
    """
    if note := Session().take_beginning():
        st.caption(note)
    above = st.container()
    sent = st.chat_input(
        "Message Gearbox",
        key=Keys.COMPOSER,
        submit_mode="disable",
        accept_file="multiple",
        accept_audio=True,
        max_upload_size=UPLOAD_BYTES // 2**20,
    )
    if sent is None:
        with above:
            held.draw()
        return None
    files: list[Attachment | Taken] = [*held.take()]
    files += [Attachment(file.name, file.getvalue()) for file in sent.files]
    if sent.audio is not None:
        files.append(Attachment(_RECORDING, sent.audio.getvalue()))
    return Composed(sent.text, tuple(files))
