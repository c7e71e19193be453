"""The files of a prompt in its message: what each is, a look into it, and itself to download."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.chat.looking import Look
from core.errors import GearboxError
from data.values.parts import FilePart, TextFilePart
from pages.attached import Beside
from pages.data_parts import draw_rows
from pages.file_words import extent, icon, kind
from pages.plain import plain

_WIDTH = 900
"""Pixels of the dialog; on a narrow screen it is as wide as that."""


def draw_sent_files(files: Sequence[FilePart | TextFilePart], beside: Beside, *, key: str) -> None:
    """Draw those of a prompt side by side."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for number, part in enumerate(files):
            _draw_file(part, beside, key=f"{key}-file-{number}")


def _draw_file(part: FilePart | TextFilePart, beside: Beside, *, key: str) -> None:
    """Draw it by name, kind and size."""
    what = " · ".join(each for each in (kind(part), extent(part)) if each)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key=f"sent-file-{key}"
    ):
        st.markdown(f"{icon(part)} {plain(part.name)}  \n:small[:gray[{plain(what)}]]")
        if beside.look is not None and st.button(
            "Look into it", icon=":material/visibility:", key=f"into-{key}", type="tertiary", help="Look into it"
        ):
            st.dialog(plain(part.name), width=_WIDTH)(_draw_look)(part, beside)
        st.download_button(
            "Download",
            lambda: _content(part, beside),  # runs when somebody presses the button: nothing is read before
            part.name,
            "text/plain" if isinstance(part, TextFilePart) else part.blob.media_type,
            key=f"download-{key}",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help="Download it in full",
        )


def _content(part: FilePart | TextFilePart, beside: Beside) -> bytes:
    return part.text.encode() if isinstance(part, TextFilePart) else beside.load(part.blob) or b""


def _draw_look(part: FilePart | TextFilePart, beside: Beside) -> None:
    assert beside.look is not None
    try:
        with st.spinner("Looking into it"):
            look = beside.look(part)
    except GearboxError as error:
        st.caption(f":material/hide_source: {plain(error.explain())}")
        return
    for table in look.tables:
        of = (
            f"The first {len(table.rows):,} of {table.total_rows:,}"
            if table.total_rows > len(table.rows)
            else f"{len(table.rows):,}"
        )
        st.caption(f"{plain(table.title)} · {of} rows · {len(table.columns):,} columns")
        draw_rows(table)
    if not look.tables:
        _draw_text(look)


def _draw_text(look: Look) -> None:
    if not look.text:
        st.caption("No text was found in it, so a model is told its name alone.")
        return
    st.code(look.text, language=None, wrap_lines=True)  # nothing in it is markup
    if look.chars > len(look.text):
        st.caption(f"The first {len(look.text):,} of {look.chars:,} characters.")
