"""What stands in a conversation that a prompt may mean: texts, pictures, sounds, films, tables, files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from core.chat.chart_data import as_csv
from core.chat.csv_text import table_csv
from core.chat.planning.words import after_colon, folded, request_and_material, shortened
from data.query import kind_of
from data.values.messages import Author, Utterance
from data.values.parts import (
    AudioPart,
    ChartPart,
    FilePart,
    ImagePart,
    Part,
    StepPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolResultPart,
    VideoPart,
    text_of,
)
from data.values.plans import Earlier, Input

MOST_TEXT = 20_000
"""Characters of a text that a step takes along. It is stored with the step, and a speech of it lasts 20 minutes."""

MOST_MESSAGES = 200
"""Messages back in which something is looked for; who means what is older names it, or attaches it again."""

_WORDS_FROM = 4_000  # characters
_MOST_CAPTION = 1_500
_MOST_ABOUT = 600
_MOST_HEAD = 80  # characters before the colon of "here is my poem:"
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True)
class Thing:
    """One of them.

    Args:
        earlier: as a step takes it.
        author: of its message.
        back: how many replies back it stands, 1 is the last; 0 came with the prompt itself.
        place: where it stands among all, from the oldest.
        caption: what is to be seen or heard, where somebody said so.
        made_of: names of the pictures that it was made of.
        about: what it was asked for with, and the text that it belongs to.
    """

    earlier: Earlier
    author: Author
    back: int
    place: int = 0
    caption: str = ""
    made_of: tuple[str, ...] = ()
    about: str = ""

    @cached_property
    def words(self) -> frozenset[str]:
        """Folded, of all that is known of it. Read from the text only when somebody asks: conversations are long."""
        text = f"{self.earlier.name} {self.caption} {self.about} {self.earlier.text[:_WORDS_FROM]}"
        return frozenset(_WORD.findall(folded(text)))

    @property
    def kind(self) -> Input:
        """What it is."""
        return self.earlier.kind


def things_of(history: Sequence[Utterance], attached: Iterable[Part] = ()) -> list[Thing]:
    """All of them, the oldest first; what came with the prompt comes last."""
    history = history[-MOST_MESSAGES:]
    replies = sum(1 for each in history if each.author is Author.ASSISTANT)
    found: list[Thing] = []
    asked = ""
    for message in history:
        # What a person sent belongs to the reply that it got: they say "the photo" and mean the talk about it.
        about = asked if message.author is Author.ASSISTANT else ""
        found += _of_message(message.parts, message.author, max(1, replies), message.seq, about)
        replies -= message.author is Author.ASSISTANT
        asked = text_of(message.parts)[:_MOST_ABOUT] if message.author is Author.USER else ""
    found += [thing for thing in _of_message(tuple(attached), Author.USER, 0, None) if thing.kind is not Input.TEXT]
    return _with_captions(found)


def _with_captions(found: Sequence[Thing]) -> list[Thing]:
    """In their places; what was made of another one is known by that one's caption, too: a darker dog is a dog."""
    captions: dict[str, str] = {}
    things = []
    for place, thing in enumerate(found):
        before = [captions[name] for name in thing.made_of if captions.get(name)]
        whole = replace(thing, place=place, caption=shortened(" ".join([*before, thing.caption]), _MOST_CAPTION))
        captions[whole.earlier.name] = whole.caption
        things.append(whole)
    return things


def _of_message(parts: Sequence[Part], author: Author, back: int, seq: int | None, about: str = "") -> Iterator[Thing]:
    said: list[str] = []
    written: dict[str, str] = {}
    for part in parts:
        if isinstance(part, TextPart):
            said.append(part.text)
        elif isinstance(part, StepPart):
            names = tuple(each.name for each in part.step.earlier if each.kind is Input.IMAGE)
            written[part.step.id] = text_of(part.parts)[:_MOST_ABOUT]
            texts = [written[used] for used in part.step.uses if used in written]
            own = " ".join([part.step.instruction.split("\n")[0], *texts])
            for made in _of_message(part.parts, author, back, seq, own):
                yield replace(made, made_of=names) if made.kind is Input.IMAGE else made
        elif isinstance(part, ToolResultPart):
            # Words of a tool are for the model; what it made is the person's.
            shown = [each for each in part.parts if not isinstance(each, TextPart)]
            yield from _of_message(shown, author, back, seq, about)
        elif (thing := _thing(part, author, back, seq)) is not None:
            yield replace(thing, about=about)
    if text := "\n\n".join(said).strip():
        own = text if author is Author.ASSISTANT else _material(text)
        yield replace(_text_of(own, author, back, seq), about=about)


def _material(prompt: str) -> str:
    """The text that somebody pasted or typed behind what they asked."""
    material = request_and_material(prompt)[1]
    head, behind = after_colon(prompt)
    return material or (behind if len(head) < _MOST_HEAD else "") or prompt


def _text_of(text: str, author: Author, back: int, seq: int | None) -> Thing:
    earlier = Earlier(Input.TEXT, shortened(text.lstrip("#*> "), 60), seq=seq, text=text[:MOST_TEXT])
    return Thing(earlier, author, back)


def _thing(part: Part, author: Author, back: int, seq: int | None) -> Thing | None:
    caption = ""
    match part:
        case ImagePart(blob, name, caption=caption):
            earlier = Earlier(Input.IMAGE, name, blob.digest, seq)
        case AudioPart(blob, name, transcript=transcript):
            earlier = Earlier(Input.AUDIO, name, blob.digest, seq, transcript[:MOST_TEXT])
        case VideoPart(blob, name, caption=caption):
            earlier = Earlier(Input.VIDEO, name, blob.digest, seq)
        case ChartPart(title, figure):
            earlier = Earlier(Input.CHART, title, seq=seq, text=as_csv(figure)[:MOST_TEXT])
        case TablePart(title):
            earlier = Earlier(Input.TABLE, title, seq=seq, text=table_csv(part)[:MOST_TEXT])
        case TextFilePart(name, text):
            earlier = Earlier(kind_of_file(name, "text/plain"), name, seq=seq, text=text[:MOST_TEXT])
        case FilePart(blob, name):
            earlier = Earlier(kind_of_file(name, blob.media_type), name, blob.digest, seq)
        case _:
            return None
    return Thing(earlier, author, back, caption=caption)


def kind_of_file(name: str, media_type: str) -> Input:
    """What an attached file is: a table where the data tool takes it for one."""
    return Input.DOCUMENT if kind_of(name, media_type) is None else Input.TABLE
