"""What a prompt wants done, step by step: its operations in their order, each with what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from data.learning.lexicon import BREAK, REFERENCE

_MEDIA = {
    "IMAGE": "I", "FILEIMAGE": "I", "AUDIO": "S", "FILEAUDIO": "S", "VIDEO": "V", "FILEVIDEO": "V",
    "CHART": "C", "TEXT": "T", "FILEDOCUMENT": "T", "FILETABLE": "T", "CODE": "T",
}  # fmt: skip
_GIVES = {
    "DRAW": "I", "SEGMENT": "I", "COLOR": "I", "STYLE": "I", "COLLAGE": "I", "SPECTROGRAM": "I", "FRAME": "I",
    "SIMILAR": "I", "TUNE:I": "I", "SEE": "I", "SPEAK": "S", "AUDIOFX": "S", "TUNE:S": "S", "SPEED": "V",
    "STABILIZE": "V", "SYNC": "V", "FILM": "V", "ANSWER": "T", "DETECT": "T", "CLASSIFY": "T", "DESCRIBE": "T",
    "SUMMARIZE": "T", "TRANSLATE": "T", "TRANSCRIBE": "T", "KEYWORDS": "T", "REWRITE": "T", "COMPARE": "T",
    "WRITE": "T",
}  # fmt: skip
"""Operations that say by themselves what they give."""

_OPEN = {"MAKE", "WANT", "SHOW", "EDIT", "EXTRACT", "DOWNLOAD", "COMBINE", "FIND"}
"""Operations that give what they are done to: the next medium that is named."""

_TUNED = {"EDITIMG": "TUNE:I", "SOUNDFX": "TUNE:S"}
_NEEDS = {
    "EDITIMG": {"IMAGE", "FILEIMAGE", "DRAW"},
    "SOUNDFX": {"AUDIO", "FILEAUDIO", "SPEAK", "AUDIOFX"},
}
"""Words that change a picture or a sound where one is named, and mean anything elsewhere ("flip a coin")."""

_MOST = 40
_NEGATES = 3
"""Words that "not" holds for, itself among them."""


def operations(classes: Sequence[str]) -> list[str]:
    """Names like `DRAW`, `MAKE:V` and `EXTRACT:S`; `!` in front where it is not wanted."""
    reading, there = _Reading(), set(classes)
    for name in classes:
        reading.read(_TUNED[name] if name in _TUNED and there & _NEEDS[name] else name)
    return reading.found[:_MOST]


@dataclass(slots=True)
class _Reading:
    """Where the reading of one prompt stands.

    Args:
        pending: an operation that waits for what it is done to.
        negated: for how many more words "not" holds.
        is_behind: what is named now is where something is taken from.
        is_past: what is named now was asked for before ("after editing the picture").
        is_meant: the next thing is one that was asked for before ("the edited picture").
    """

    found: list[str] = field(default_factory=list)
    pending: str = ""
    negated: int = 0
    is_behind: bool = False
    is_past: bool = False
    is_meant: bool = False

    def read(self, name: str) -> None:
        if name in {BREAK, ","}:
            self.pending = "" if name == BREAK else self.pending
            self.negated, self.is_behind, self.is_past = 0, False, False
        elif self.is_past or name == "AFTER":
            self.is_past = True
            return
        elif name == REFERENCE:
            self.is_meant = not self.pending
        elif name == "NOT":
            self.negated = _NEGATES
        elif name == "FROM":
            self.is_behind = True
        elif name in _OPEN:
            self.pending, self.is_behind = self._signed(name), False
        elif name in _GIVES:
            self.found.append(self._signed(name))
            self.pending = self.pending if name == "SEE" else ""
        elif name in _MEDIA:
            self._thing(_MEDIA[name])
        self.negated = max(0, self.negated - 1)

    def _signed(self, name: str) -> str:
        return f"!{name}" if self.negated else name

    def _thing(self, gives: str) -> None:
        is_meant, self.is_meant = self.is_meant, False
        if is_meant:
            self.found.append(f"of:{gives}")
        elif self.pending and not self.is_behind:
            self.found.append(f"{self.pending}:{gives}")
            self.pending = ""
        elif self.negated:
            self.found.append(f"!NOUN:{gives}")
        else:
            self.found.append(f"{'of' if self.is_behind else 'NOUN'}:{gives}")


_USED_UP = ("TRANSCRIBE", "DOWNLOAD", "EXTRACT:T", "FIND:T", "EXTRACT:V")
"""Steps whose results are there for the next step, where there is one."""

_TAKES_UP = ("MAKE:V", "FILM", "SYNC", "COMBINE:V")
"""Films that take up what was made before them."""


def kept(done: Sequence[str]) -> str:
    """The letters of what is left of the operations in the end (I, S, V, C, T), sorted; empty where none gives any."""
    steps = [(name, _GIVES.get(name, name.split(":")[-1])) for name in done if not name.startswith(("!", "NOUN", "of"))]
    found: set[str] = set()
    for place, (name, gives) in enumerate(steps):
        if name.startswith(_USED_UP) and place < len(steps) - 1:
            continue
        if name in _TAKES_UP and place:
            found.clear()
        found.add(gives)
    return "".join(sorted(found))
