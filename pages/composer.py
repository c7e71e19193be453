"""The field at the bottom of the chat page: a prompt, and files with it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.chat.attachments import UPLOAD_BYTES, Attachment
from pages.session import Session
from pages.widget_keys import Keys


@dataclass(frozen=True, slots=True)
class Composed:
    """What was sent."""

    text: str
    files: tuple[Attachment, ...]


def draw() -> Composed | None:
    """The field; what was just sent with it.

    It is never disabled by us: that would take a prompt back that is on its way from the browser. Nor does it list
    file types: those go by a file's name, and `core.chat.attachments` looks at what is in it.
    """
    if note := Session().take_beginning():
        st.caption(note)
    sent = st.chat_input(
        "Message Gearbox",
        key=Keys.COMPOSER,
        submit_mode="disable",
        accept_file="multiple",
        max_upload_size=UPLOAD_BYTES // 2**20,
    )
    if sent is None:
        return None
    return Composed(sent.text, tuple(Attachment(file.name, file.getvalue()) for file in sent.files))
