"""The Save menu of an answer: it as files to keep, made when one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.chat.saving.names import file_name
from core.chat.saving.reply import check_size, name_of
from core.chat.saving.service import Form
from core.chat.saving.slideshow import has_slideshow
from core.errors import GearboxError
from data.values.messages import Message
from pages.plain import plain

_HEIGHT = 90
"""Pixels of the menu."""

Save = Callable[[int, Form], bytes]
"""Makes the file of a message of the conversation, by the message's number."""

_FORMS = (
    (Form.ZIP, "Markdown and files", ":material/folder_zip:", "application/zip"),
    (Form.PAGE, "One page", ":material/web:", "text/html"),
    (Form.FILM, "Film of pictures and voice", ":material/movie:", "video/mp4"),
)


def draw(message: Message, save: Save) -> None:
    """Draw the menu of an answer that has ended. Nothing is made, nor read, before somebody asks for it."""
    menu = st.popover("Save", icon=":material/save_alt:", type="tertiary", on_change="rerun", key=f"save-{message.id}")
    if not menu.open:
        with menu:  # as high as what comes: Streamlit chooses where it opens before that is drawn
            st.space(_HEIGHT)
        return
    stem = file_name(name_of(message), otherwise="reply").replace(".", " ").strip()
    with menu:
        try:
            check_size(message)
        except GearboxError as refusal:  # said here: a download that fails has no words of ours
            st.caption(plain(refusal.explain()))
            return
        for form, label, icon, media_type in _FORMS if has_slideshow(message) else _FORMS[:-1]:
            st.download_button(
                f"{label} (.{form})",
                partial(save, message.seq, form),
                f"{stem}.{form}",
                media_type,
                key=f"save-{form}-{message.id}",
                icon=icon,
                type="tertiary",
                on_click="ignore",
                width="stretch",
            )
