"""Prompts as people may write them, drawn anew in each run: subjects, wordings, orders of the parts.

Nobody who answers them knows of these words. The same seed draws the same: it is printed where a scenario fails.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.scenarios.languages import LANGUAGES

ADJECTIVES = ("silver", "sleepy", "tiny", "crooked", "amber", "curious", "foggy", "brave", "northern", "singing")
NOUNS = ("foxes", "lighthouses", "owls", "tortoises", "windmills", "otters", "bicycles", "comets", "teapots", "whales")
PLACES = ("by the sea", "in the rain", "on a hill", "at night", "under the bridge", "in a market", "before dawn")

WRITE = ("write a haiku about {}", "write a short poem about {}", "tell me a very short story about {}",
         "write four lines about {}", "write a limerick about {}")  # fmt: skip
PAINT_IT = ("paint it", "draw a picture of it", "make a picture of it", "illustrate it", "paint a picture of it")
READ_IT = ("read it aloud", "read it out aloud", "read it aloud to me", "then read it aloud, please")
READ_POEM = ("read the {} aloud", "read the {} aloud to me")
PAINT = ("paint {}", "draw {}", "please draw a picture of {}", "make an image of {}", "I would like a picture of {}",
         "Please paint {}")  # fmt: skip
SAY = ("say this aloud: “{}”", "please read this aloud: “{}”", "read aloud: “{}”")
FILM = ("make a short video of {}", "make a film about {}", "please make a video of {}")
CHANGE = (
    "make the sky darker",
    "make it brighter",
    "now make the background darker",
    "make it a little darker, please",
)
CITIES = ["Rome", "Oslo", "Paris", "Lima", "Cairo", "Quito", "Delhi", "Perth"]


@dataclass(frozen=True)
class Drawing:
    """Draws for one scenario."""

    rng: random.Random

    def one(self, of: Sequence[str]) -> str:
        return self.rng.choice(of)

    def subject(self) -> str:
        """Something to write about or to paint, in words that are like nobody else's."""
        return f"{self.one(ADJECTIVES)} {self.one(NOUNS)} {self.one(PLACES)}"

    def writing(self, subject: str) -> tuple[str, str]:
        """A wish for a text, and what that text is called."""
        form = self.one(WRITE)
        name = next((name for name in ("haiku", "poem", "story", "limerick") if name in form), "text")
        return form.format(subject), name

    def joined(self, *wishes: str) -> str:
        """Several wishes as one prompt."""
        first, *more = wishes
        last = more.pop() if more else ""
        form = self.rng.randrange(3)
        if not last:
            return first[:1].upper() + first[1:]
        if form == 0:
            text = f"{', '.join([first, *more])} and {last}"
        elif form == 1:
            text = f"{', then '.join([first, *more])}, and then {last}"
        else:
            text = ". ".join([first, *(f"Then {each}" for each in more), f"Finally {last}"]) + "."
        return text[:1].upper() + text[1:]

    def chain(self) -> tuple[str, str]:
        """A text, a picture of it and its reading, in some order of words; and the subject."""
        subject = self.subject()
        written, _ = self.writing(subject)
        return self.joined(written, self.one(PAINT_IT), self.one(READ_IT)), subject

    def chain_in(self, language: str) -> str:
        """The same wish in another language."""
        known = LANGUAGES[language]
        written = self.one(known.writes).format(self.one(known.subjects))
        text = self.one(known.joined).format(written, self.one(known.paints), self.one(known.reads))
        return text[:1].upper() + text[1:]

    def words(self, count: int = 6) -> str:
        """Some words to be said."""
        known = [*ADJECTIVES, *NOUNS]
        return " ".join(self.rng.sample(known, count))

    def numbers(self) -> list[tuple[str, int]]:
        """Cities and what there is in them."""
        return [(city, self.rng.randrange(2, 90)) for city in self.rng.sample(CITIES, 4)]


def charted(rows: Sequence[tuple[str, int]], kind: str = "bar") -> dict[str, str]:
    """What the chat model is ordered to call: a script can't think of a chart by itself."""
    table = {"columns": ["city", "count"], "rows": rows}
    call = {"kind": kind, "title": "Counts", "table": table, "x": "city", "y": ["count"]}
    return {"chat": f"[[call:make_chart {json.dumps(call).replace(']]', '] ]')}]]"}
