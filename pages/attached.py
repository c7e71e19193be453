"""What stands beside a message: pictures, small, sounds to play, and files by name and size."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from core.chat.looking import Look
from core.chat.saving.service import Form
from data.values.media import Blob
from data.values.parts import AudioPart, FilePart, ImagePart, TextFilePart, VideoPart
from pages.answer_actions import AnswerActions
from pages.file_words import clock, size
from pages.lightbox import look_at
from pages.plain import plain
from pages.step_parts import PartActions

_SHOWN_CHARS = 4_000
"""Enough to see which file it is; every drawn message goes to the browser whole."""

_PICTURE_WIDTH, _PICTURE_HEIGHT = 260, 200
"""Pixels of a picture in a prompt at most."""

_PLAYER_WIDTH = 340
"""Pixels of the player of a prompt's sound."""

_GIVEN_WIDTH, _GIVEN_HEIGHT = 720, 540
"""Pixels of a picture in an answer at most: the width of the column, and what a screen shows with a line above it."""


def _gone(_blob: Blob) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the messages that are drawn.

    `previews` are small pictures by the digest of the large ones, `load` reads what a person asks for, None where it
    is gone; see `ChatService.previews` and `ChatService.file`. `save` makes a file of an answer, see
    `SavedReplies.save`; `actions` is what can be done with parts of planned replies, `answers` with answers as a whole,
    `look` shows some of a file, see `AttachedFiles.look`. None: nothing is offered.
    """

    previews: Mapping[str, bytes] = field(default_factory=dict)
    load: Callable[[Blob], bytes | None] = _gone
    save: Callable[[int, Form], bytes] | None = None
    actions: PartActions | None = None
    look: Callable[[FilePart | TextFilePart], Look] | None = None
    answers: AnswerActions | None = None


NOTHING = Beside()


def draw_pictures(pictures: Sequence[ImagePart], beside: Beside, *, key: str) -> None:
    """Draw those of a prompt side by side, each in full when one looks at it, and as a download."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for number, picture in enumerate(pictures):
            with st.container(width="content", gap=None, horizontal_alignment="right"):
                _draw_pressable(picture, beside, _PICTURE_WIDTH, _PICTURE_HEIGHT, key=f"{key}-{number}")
                _download(picture.blob, picture.name, plain(picture.name), beside, key=f"{key}-{number}")


def draw_given_picture(picture: ImagePart, beside: Beside, *, key: str) -> None:
    """Draw one of an answer: large, in full when one looks at it, and as a download."""
    with st.container(gap="xsmall", key=f"shown-{key}"):
        _draw_pressable(picture, beside, _GIVEN_WIDTH, _GIVEN_HEIGHT, key=key)
        label = f"{plain(picture.name)} · {picture.width} × {picture.height}"
        _download(picture.blob, picture.name, label, beside, key=key)


def _draw_pressable(picture: ImagePart, beside: Beside, most_width: int, most_height: int, *, key: str) -> None:
    """Draw its preview; who presses it sees it in full."""
    with st.container(gap=None, width="content", key=f"frame-{key}"):
        is_drawn = _draw_small(picture, beside, most_width, most_height)
        # It lies over the picture, see the style sheet: Streamlit's pictures can't be pressed.
        if is_drawn and st.button(f"Look at {plain(picture.name)}", key=f"look-{key}", type="tertiary"):
            look_at(picture, beside.load(picture.blob), size(picture.blob.size))


def draw_player(part: AudioPart | VideoPart, beside: Beside, *, key: str) -> None:
    """Draw a player for it. The server of the pages gives its bytes to this person alone; see `page_sessions`."""
    content = beside.load(part.blob)
    lasts = "" if part.seconds is None else f" · {clock(part.seconds)}"
    label = f"{plain(part.name)}{lasts}"
    with st.container(gap="xsmall", key=f"shown-{key}"):
        if content is None:
            st.caption(f":material/hide_source: {label}\n\nIt is not there any more.")
        elif isinstance(part, AudioPart):
            st.audio(content, format=part.blob.media_type, alt=part.name)
        else:
            st.video(content, format=part.blob.media_type, alt=part.caption or part.name)
        if content is not None:
            _download(part.blob, part.name, label, beside, key=key)
        if isinstance(part, VideoPart) and part.caption:
            st.caption(plain(part.caption))
        if isinstance(part, AudioPart) and part.transcript:
            with st.expander("Transcript", icon=":material/article:"):
                st.text(part.transcript)  # a model heard it, or wrote it to be read: nothing in it is markup


def draw_said_player(part: AudioPart | VideoPart, beside: Beside, *, key: str) -> None:
    """Draw a player for what was said with a prompt, where a prompt's things stand."""
    with st.container(horizontal=True, horizontal_alignment="right"), st.container(width=_PLAYER_WIDTH):
        draw_player(part, beside, key=key)


def draw_given_file(file: FilePart, beside: Beside, *, key: str) -> None:
    """Draw a file that a tool gave: to download."""
    _download(file.blob, file.name, f"{plain(file.name)} · {size(file.blob.size)}", beside, key=key)


def _draw_small(picture: ImagePart, beside: Beside, most_width: int, most_height: int) -> bool:
    """Draw its preview, or its name where there is none; says which.

    The preview is part of the page: no other request could be answered to somebody else.
    """
    preview = beside.previews.get(picture.blob.digest)
    if preview is None:
        st.caption(f":material/image: {plain(picture.name)} · {picture.width} × {picture.height}")
        return False
    height = min(most_height, picture.height)
    width = max(1, min(most_width, picture.width, round(height * picture.width / max(picture.height, 1))))
    address = f"data:image/webp;base64,{base64.b64encode(preview).decode()}"
    st.image(address, width=width, alt=picture.caption or picture.name)
    return True


def _download(blob: Blob, name: str, label: str, beside: Beside, *, key: str) -> None:
    def content() -> bytes:  # runs when somebody presses the button: nothing is read before
        return beside.load(blob) or b""

    offer(label, content, name, blob.media_type, key=key)


def offer(label: str, content: Callable[[], bytes | str], name: str, media_type: str, *, key: str) -> None:
    """A button that downloads what `content` gives once it is pressed."""
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
    with st.expander(f"{plain(file.name)} · {size(file.size)}", icon=":material/description:"):
        st.code(file.text[:_SHOWN_CHARS], language=None, wrap_lines=True)
        if len(file.text) > _SHOWN_CHARS:
            st.caption(f"The first {_SHOWN_CHARS:,} of {len(file.text):,} characters.")
        if key:
            offer("Download", file.text.encode, file.name, "text/plain", key=key)
