"""What a model is not shown as it is: for the notice beside its answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.chat.documents import TABLE_TYPES
from data.values.media import Blob, Described
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, ToolResultPart, VideoPart

_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True)
class Losses:
    """Names of files, in the order of the conversation.

    `pictures` and `sounds` are told of in words. `described` and `transcribed` are those of which another model wrote
    these words, each with its id. `documents` go as their text, of `tables` the first lines, `unreadable` ones only by
    name. `wordless` are the pictures and sounds of which nobody wrote anything.
    """

    pictures: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    described: tuple[tuple[str, str], ...] = ()
    transcribed: tuple[tuple[str, str], ...] = ()
    wordless: tuple[ImagePart | AudioPart, ...] = ()
    tables: tuple[str, ...] = ()

    def __add__(self, other: Losses) -> Losses:
        return Losses(
            _each_once(self.pictures, other.pictures),
            _each_once(self.sounds, other.sounds),
            _each_once(self.documents, other.documents),
            _each_once(self.unreadable, other.unreadable),
            _each_once(self.described, other.described),
            _each_once(self.transcribed, other.transcribed),
            _each_once(self.wordless, other.wordless),
            _each_once(self.tables, other.tables),
        )


NO_LOSSES = Losses()
"""A model is shown everything."""


def losses_of(
    parts: Sequence[Part],
    read: Sequence[Part],
    described: Callable[[Blob], Described | None],
    seen: Collection[int] = (),
) -> Losses:
    """What of one message is lost on its way.

    Args:
        parts: as they are stored, but for pictures that go with another message.
        read: as they go, each in the same place.
        described: what another model wrote of a picture or a sound.
        seen: places of the pictures and sounds that go as such.
    """
    lost = NO_LOSSES
    for place, (part, goes) in enumerate(zip(parts, read, strict=True)):
        match part, goes:
            case ImagePart(), _ if place not in seen:
                lost += _picture(part, described)
            case AudioPart(), _ if place not in seen:
                lost += _sound(part, described)
            case VideoPart(caption=""), _:
                lost += Losses(pictures=(part.name,))
            case FilePart(), TextFilePart() if part.blob.media_type in TABLE_TYPES:
                lost += Losses(tables=(part.name,))
            case FilePart(), TextFilePart():
                lost += Losses(documents=(part.name,))
            case FilePart(), _:
                lost += Losses(unreadable=(part.name,))
            case ToolResultPart(), ToolResultPart():
                lost += losses_of(part.parts, goes.parts, described)
    return lost


def _picture(part: ImagePart, described: Callable[[Blob], Described | None]) -> Losses:
    if part.caption:
        return Losses(pictures=(part.name,))
    words = described(part.blob)
    if words is None:
        return Losses(pictures=(part.name,), wordless=(part,))
    return Losses(described=((part.name, words.by),))


def _sound(part: AudioPart, described: Callable[[Blob], Described | None]) -> Losses:
    if part.transcript:  # it was spoken from these words, and they are told
        return NO_LOSSES
    words = described(part.blob)
    if words is None:
        return Losses(sounds=(part.name,), wordless=(part,))
    return Losses(transcribed=((part.name, words.by),))


def _each_once(names: tuple[_Each, ...], more: tuple[_Each, ...]) -> tuple[_Each, ...]:
    return tuple(dict.fromkeys((*names, *more)))
