"""What is attached to a message: pictures, small, and files by name and size, folded what is in them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import streamlit as st

from data.values.parts import FilePart, ImagePart, TextFilePart
from pages.plain import plain

_SHOWN_CHARS = 4_000
"""Enough to see which file it is; every drawn message goes to the browser whole."""

_PICTURE_WIDTH, _PICTURE_HEIGHT = 260, 200
"""Pixels of a picture in a message at most; in full it opens at a click."""

_OOXML = "application/vnd.openxmlformats-officedocument."
_KINDS = {
    "application/pdf": "PDF",
    f"{_OOXML}wordprocessingml.document": "Word",
    f"{_OOXML}presentationml.presentation": "PowerPoint",
    f"{_OOXML}spreadsheetml.sheet": "Excel",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument",
    "application/vnd.apache.parquet": "Parquet",
}

Previews = Mapping[str, bytes]
"""Small pictures by the digest of the large ones; see `ChatService.previews`."""

NO_PREVIEWS: Previews = {}


def draw_pictures(pictures: Sequence[ImagePart], previews: Previews) -> None:
    """Draw them side by side."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for picture in pictures:
            draw_picture(picture, previews)


def draw_picture(picture: ImagePart, previews: Previews) -> None:
    """Draw it by its preview, which is part of the page: no other request could be answered to somebody else."""
    preview = previews.get(picture.blob.digest)
    if preview is None:
        st.caption(f":material/image: {plain(picture.name)} · {picture.width} × {picture.height}")
        return
    height = min(_PICTURE_HEIGHT, picture.height)
    width = max(1, min(_PICTURE_WIDTH, picture.width, round(height * picture.width / max(picture.height, 1))))
    address = f"data:image/webp;base64,{base64.b64encode(preview).decode()}"
    st.image(address, width=width, alt=picture.caption or picture.name)


def draw_file(file: TextFilePart) -> None:
    """Draw it; nothing in it is markup."""
    with st.expander(f"{plain(file.name)} · {_size(file.size)}", icon=":material/description:"):
        st.code(file.text[:_SHOWN_CHARS], language=None, wrap_lines=True)
        if len(file.text) > _SHOWN_CHARS:
            st.caption(f"The first {_SHOWN_CHARS:,} of {len(file.text):,} characters.")


def draw_document(document: FilePart) -> None:
    """Draw a document by its name."""
    kind = _KINDS.get(document.blob.media_type, "Document")
    st.badge(f"{plain(document.name)} · {kind} · {_size(document.blob.size)}", icon=":material/draft:", color="gray")


def _size(size: int) -> str:
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1_000:,.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"
