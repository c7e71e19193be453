"""What the model of a request takes, and where the bytes and texts of a conversation's files come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data.values.media import Blob, Described
from data.values.models import Model


@dataclass(frozen=True, slots=True)
class Abilities:
    """What goes to a model as it is; everything else degrades to text.

    `pictures`: it sees. `sounds`: it hears. `tools`: the request carries tools, so that calls and results may go as
    such.
    """

    pictures: bool = False
    sounds: bool = False
    tools: bool = False


READS_ONLY = Abilities()
"""A model that takes text and nothing else."""


def abilities_of(model: Model, *, carries_tools: bool = False) -> Abilities:
    """What a model is known to take. What nobody says of it, it is not taken to do.

    A server that drops a picture without a word would have its model make one up.
    """
    return Abilities(pictures=model.vision, sounds=model.audio, tools=carries_tools)


@dataclass(frozen=True, slots=True)
class Files:
    """Reads what stands beside the messages; None where it is gone. All block.

    `picture` gives a picture or a sound as a `data:` address, `text` what stands in a document, `described` what
    another model wrote of a picture or a sound.
    """

    picture: Callable[[Blob], str | None]
    text: Callable[[Blob], str | None]
    described: Callable[[Blob], Described | None] = lambda _blob: None


NO_FILES = Files(lambda _blob: None, lambda _blob: None)
"""For a conversation that has none."""
