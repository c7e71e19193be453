"""What a tool gave when a person tried it out. None of it is kept."""

from __future__ import annotations

import json
from hashlib import sha256

import streamlit as st

from core.tools.tool import ToolResult
from data.values.media import Blob
from data.values.parts import AudioPart, ChartPart, FilePart, ImagePart, Part, TablePart, TextPart
from pages.plain import plain
from pages.tools.words import visible

_LONGEST = 20_000


class Kept:
    """Bytes of one try, as long as it is drawn."""

    def __init__(self) -> None:
        self._bytes: dict[str, bytes] = {}

    def keep(self, content: bytes, media_type: str) -> Blob:
        """See `ToolContext.keep`."""
        digest = sha256(content).hexdigest()
        self._bytes[digest] = content
        return Blob(digest, media_type, len(content))

    def of(self, blob: Blob) -> bytes:
        """What was kept."""
        return self._bytes[blob.digest]


def draw(result: ToolResult, kept: Kept) -> None:
    """Draw a result's parts. Others may have written them: texts are shown as they are, and act as nothing."""
    if result.failed:
        st.error("The tool says that it could not do it.", icon=":material/error:")
    for part in result.parts:
        _draw(part, kept)
    if result.is_untrusted:
        st.caption(":material/shield: Others wrote this. A model is told not to take it for orders.")


def _draw(part: Part, kept: Kept) -> None:
    match part:
        case TextPart(text):
            _text(text)
        case ImagePart():
            st.image(kept.of(part.blob), caption=plain(part.name))
        case AudioPart():
            st.audio(kept.of(part.blob), format=part.blob.media_type)
        case FilePart():
            name, content = part.name, kept.of(part.blob)
            st.download_button(f"Download {name}", content, name, part.blob.media_type, on_click="ignore")
        case TablePart():
            st.dataframe([dict(zip(part.columns, row, strict=False)) for row in part.rows], hide_index=True)
        case ChartPart():
            st.plotly_chart(dict(part.figure))
        case _:
            st.caption(f"Something of the kind {plain(type(part).__name__)}.")


def _text(text: str) -> None:
    try:
        read = json.loads(text) if text.lstrip()[:1] in {"{", "["} else None
    except ValueError:
        read = None
    if isinstance(read, dict | list):
        text = json.dumps(read, indent=2, ensure_ascii=False)
    cut = visible(text)[:_LONGEST]
    st.code(cut, language="json" if read is not None else None, wrap_lines=True)
    if len(text) > _LONGEST:
        st.caption(f"The first {_LONGEST:,} characters.")
