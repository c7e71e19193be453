"""What a picture is going to show, decided from its prompt: by its words, and by its hash where they leave it open."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field

from core.sandbox.vocabulary import COLOR_WORDS, COLORS, THING_WORDS, Color, plain_words

_HOURS = ("dawn", "day", "sunset", "night")
_SEASONS = ("spring", "summer", "autumn", "winter")
_LANDS = ("sea", "lake", "mountain", "forest", "hill", "desert", "city")
_OPEN = (  # for prompts that name no land: what looks well together
    ("mountain", "lake"), ("sea",), ("hill", "forest"), ("mountain", "forest"), ("desert",), ("sea", "mountain"),
)  # fmt: skip
_FIGURES = {"gear", "heart"}
"""Things that need no land."""
_NEAR = 2
_READ_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture.

    Args:
        hour: dawn, day, sunset or night.
        season: spring, summer, autumn or winter.
        things: names of the vocabulary that are on it.
        colors: what was said of one thing: its colour.
        palette: colours of the whole.
        is_abstract: whether it is forms, and no landscape.
        seed: of everything else.
    """

    hour: str
    season: str
    things: frozenset[str]
    seed: int
    colors: dict[str, Color] = field(default_factory=dict)
    palette: tuple[Color, ...] = ()
    is_abstract: bool = False

    def has(self, *names: str) -> bool:
        """Whether any of them is on it."""
        return not self.things.isdisjoint(names)

    @property
    def rng(self) -> random.Random:
        """Random numbers that are always the same for this picture."""
        return random.Random(self.seed)  # noqa: S311 no secret


def scene_of(prompt: str, number: int = 0, style: int = 0) -> Scene:
    """The scene; `number` tells several pictures of one prompt apart, `style` those of several models."""
    words = plain_words(prompt[:_READ_CHARS])
    things = list(THING_WORDS.found(words))
    said = [(place, COLORS[name][0]) for place, name in COLOR_WORDS.found(words)]
    digest = hashlib.sha256(f"{style}\0{number}\0{prompt}".encode("utf-8", "replace")).digest()
    rng = random.Random(digest)  # noqa: S311 no secret
    names = {name for _, name in things}
    is_abstract = "abstract" in names or (names <= _FIGURES and (bool(names) or rng.random() < 0.5))
    names |= _completed(names, rng)
    bound = {name: color for place, color in said if (name := _next_to(place, things))}
    free = [color for place, color in said if not _next_to(place, things)]
    return Scene(
        hour=_first(_HOURS, names)
        or (
            "night" if names & {"star", "moon"} and "sun" not in names else rng.choice(("dawn", "day", "day", "sunset"))
        ),
        season=_first(_SEASONS, names) or ("winter" if "snow" in names else rng.choice(("spring", "summer", "summer"))),
        things=frozenset(names),
        seed=int.from_bytes(digest[:8]),
        colors=bound,
        palette=tuple(dict.fromkeys(free)),
        is_abstract=is_abstract,
    )


def _completed(names: set[str], rng: random.Random) -> set[str]:
    """Land for things that stand on it, where none is named."""
    if not names.isdisjoint(_LANDS):
        return {"sea"} if not names.isdisjoint({"boat", "lighthouse"}) and "lake" not in names else set()
    if not names.isdisjoint({"boat", "lighthouse", "fish"}):
        return {"sea"}
    if not names.isdisjoint({"house", "flower", "cat", "rainbow", "balloon"}):
        return {"hill"}
    if not names.isdisjoint({*_SEASONS, "rain", "wind"}):
        return set(rng.choice((("hill",), ("hill", "mountain"), ("lake", "mountain"), ("forest",))))
    return set(rng.choice(_OPEN))


def _next_to(place: int, things: list[tuple[int, str]]) -> str:
    """The thing that a colour at `place` is said of: what follows at once, else what is near."""
    near = sorted(
        (abs(at - place) + (0.5 if at < place else 0.0), name)
        for at, name in things
        if 0 < abs(at - place) <= _NEAR and name not in _HOURS + _SEASONS
    )
    return near[0][1] if near else ""


def _first(names: tuple[str, ...], there: set[str]) -> str:
    return next((name for name in names if name in there), "")
