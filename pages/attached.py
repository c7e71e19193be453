"""What stands beside a message: pictures, small, sounds to play, and files by name and size."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from data.values.media import Blob
from data.values.parts import AudioPart, FilePart, ImagePart, TextFilePart, VideoPart
from pages.plain import plain

_SHOWN_CHARS = 4_000
"""Enough to see which file it is; every drawn message goes to the browser whole."""

_PICTURE_WIDTH, _PICTURE_HEIGHT = 260, 200
"""Pixels of a picture in a prompt at most."""

_PLAYER_WIDTH = 340
"""Pixels of the player of a prompt's sound."""

_GIVEN_SIDE = 480
"""Pixels of a picture that a tool gave, at most: those of its preview."""

_OOXML = "application/vnd.openxmlformats-officedocument."
_KINDS = {
    "application/pdf": "PDF",
    f"{_OOXML}wordprocessingml.document": "Word",
    f"{_OOXML}presentationml.presentation": "PowerPoint",
    f"{_OOXML}spreadsheetml.sheet": "Excel",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument",
    "application/vnd.apache.parquet": "Parquet",
}


def _gone(_blob: Blob) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the messages that are drawn.

    `previews` are small pictures by the digest of the large ones, `load` reads what a person asks for, None where it
    is gone; see `ChatService.previews` and `ChatService.file`.
    """

    previews: Mapping[str, bytes] = field(default_factory=dict)
    load: Callable[[Blob], bytes | None] = _gone


NOTHING = Beside()


def draw_pictures(pictures: Sequence[ImagePart], beside: Beside, *, key: str) -> None:
    """Draw those of a prompt side by side, each in full as a download."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for number, picture in enumerate(pictures):
            with st.container(width="content", gap=None, horizontal_alignment="right"):
                draw_picture(picture, beside)
                _download(picture.blob, picture.name, plain(picture.name), beside, key=f"{key}-{number}")


def draw_picture(picture: ImagePart, beside: Beside) -> None:
    """Draw it by its preview, which is part of the page: no other request could be answered to somebody else."""
    _draw_small(picture, beside, _PICTURE_WIDTH, _PICTURE_HEIGHT)


def draw_given_picture(picture: ImagePart, beside: Beside, *, key: str) -> None:
    """Draw one that a tool gave: as large as its preview is, and in full as a download."""
    with st.container(gap="xsmall"):
        _draw_small(picture, beside, _GIVEN_SIDE, _GIVEN_SIDE)
        size = f"{picture.width} × {picture.height}"
        _download(picture.blob, picture.name, f"{plain(picture.name)} · {size}", beside, key=key)


def draw_player(part: AudioPart | VideoPart, beside: Beside) -> None:
    """Draw a player for it. The server of the pages gives its bytes to this person alone; see `page_sessions`."""
    content = beside.load(part.blob)
    lasts = "" if part.seconds is None else f" · {_clock(part.seconds)}"
    icon, player = (
        (":material/graphic_eq:", st.audio) if isinstance(part, AudioPart) else (":material/movie:", st.video)
    )
    with st.container(gap="xsmall"):
        st.caption(f"{icon} {plain(part.name)}{lasts}")
        if content is None:
            st.caption("It is not there any more.")
        else:
            player(content, format=part.blob.media_type)


def draw_said_player(part: AudioPart | VideoPart, beside: Beside) -> None:
    """Draw a player for what was said with a prompt, where a prompt's things stand."""
    with st.container(horizontal=True, horizontal_alignment="right"), st.container(width=_PLAYER_WIDTH):
        draw_player(part, beside)


def draw_given_file(file: FilePart, beside: Beside, *, key: str) -> None:
    """Draw a file that a tool gave: to download."""
    _download(file.blob, file.name, f"{plain(file.name)} · {_size(file.blob.size)}", beside, key=key)


def _draw_small(picture: ImagePart, beside: Beside, most_width: int, most_height: int) -> None:
    preview = beside.previews.get(picture.blob.digest)
    if preview is None:
        st.caption(f":material/image: {plain(picture.name)} · {picture.width} × {picture.height}")
        return
    height = min(most_height, picture.height)
    width = max(1, min(most_width, picture.width, round(height * picture.width / max(picture.height, 1))))
    address = f"data:image/webp;base64,{base64.b64encode(preview).decode()}"
    st.image(address, width=width, alt=picture.caption or picture.name)


def _download(blob: Blob, name: str, label: str, beside: Beside, *, key: str) -> None:
    def content() -> bytes:  # runs when somebody presses the button: nothing is read before
        return beside.load(blob) or b""

    _button(label, content, name, blob.media_type, key=key)


def _button(label: str, content: Callable[[], bytes], name: str, media_type: str, *, key: str) -> None:
    st.download_button(
        label,
        content,
        name,
        media_type,
        key=f"download-{key}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help="Download it in full",
    )


def draw_file(file: TextFilePart, *, key: str = "") -> None:
    """Draw it; nothing in it is markup. With a `key` it can be downloaded."""
    with st.expander(f"{plain(file.name)} · {_size(file.size)}", icon=":material/description:"):
        st.code(file.text[:_SHOWN_CHARS], language=None, wrap_lines=True)
        if len(file.text) > _SHOWN_CHARS:
            st.caption(f"The first {_SHOWN_CHARS:,} of {len(file.text):,} characters.")
        if key:
            _button("Download", file.text.encode, file.name, "text/plain", key=key)


def draw_document(document: FilePart) -> None:
    """Draw a document by its name."""
    st.badge(_document(document), icon=":material/draft:", color="gray")


def draw_sent_document(document: FilePart, beside: Beside, *, key: str) -> None:
    """Draw a document of a prompt by its name: to download as it came."""
    _download(document.blob, document.name, _document(document), beside, key=key)


def _document(document: FilePart) -> str:
    kind = _KINDS.get(document.blob.media_type, "Document")
    return f"{plain(document.name)} · {kind} · {_size(document.blob.size)}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def _size(size: int) -> str:
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1_000:,.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"
