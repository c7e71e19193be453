"""A picture in full, over the page."""

from __future__ import annotations

import streamlit as st

from data.values.parts import ImagePart
from pages.plain import plain
from pages.widget_keys import Keys

_FRAME = 48
"""Pixels that a dialog has around what is in it."""

_MOST_WIDTH, _LEAST_WIDTH = 1_400, 420


def look_at(picture: ImagePart, content: bytes | None, size: str) -> None:
    """Open it in full; nothing in it asks for another run, so it stays while an answer is being written.

    The server of the pages gives the bytes to this person alone; see `page_sessions`.

    Args:
        content: None when it is gone.
        size: of the file, in words.
    """
    width = max(_LEAST_WIDTH, min(_MOST_WIDTH, picture.width + _FRAME))
    st.dialog(plain(picture.name), width=width)(_draw)(picture, content, size)


def _draw(picture: ImagePart, content: bytes | None, size: str) -> None:
    if content is None:
        st.caption("It is not there any more.")
        return
    with st.container(key=Keys.LOOKED_AT):
        st.image(content, alt=picture.caption or picture.name)
    if picture.caption:
        st.caption(plain(picture.caption))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download",
            content,
            picture.name,
            picture.blob.media_type,
            key="download-looked-at",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(f"{picture.width} × {picture.height} · {size}")
