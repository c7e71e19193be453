"""What a model is not shown as it is: for the notice beside its answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, ToolResultPart


@dataclass(frozen=True, slots=True)
class Losses:
    """Names of files, in the order of the conversation.

    `pictures` and `sounds` are told of in words. `documents` go as their text, `unreadable` ones only by name.
    """

    pictures: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: Losses) -> Losses:
        return Losses(
            _each_once(self.pictures, other.pictures),
            _each_once(self.sounds, other.sounds),
            _each_once(self.documents, other.documents),
            _each_once(self.unreadable, other.unreadable),
        )


NO_LOSSES = Losses()
"""A model is shown everything."""


def losses_of(parts: Sequence[Part], read: Sequence[Part], seen: Collection[int] = ()) -> Losses:
    """What of one message is lost on its way.

    Args:
        parts: as they are stored, but for pictures that go with another message.
        read: as they go, each in the same place.
        seen: places of the pictures and sounds that go as such.
    """
    lost = NO_LOSSES
    for place, (part, goes) in enumerate(zip(parts, read, strict=True)):
        match part, goes:
            case ImagePart(), _ if place not in seen:
                lost += Losses(pictures=(part.name,))
            case AudioPart(), _ if place not in seen:
                lost += Losses(sounds=(part.name,))
            case FilePart(), TextFilePart():
                lost += Losses(documents=(part.name,))
            case FilePart(), _:
                lost += Losses(unreadable=(part.name,))
            case ToolResultPart(), ToolResultPart():
                lost += losses_of(part.parts, goes.parts)
    return lost


def _each_once(names: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *more)))
