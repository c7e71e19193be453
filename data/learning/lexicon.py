"""Words that say what a reply shall hold, by class, in the languages of `lexicon.tsv`."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*\+{0,2}|[.;:!?。！？；：,，、…]")
_WIDE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SHORTEST_STEM = 2
_LONGEST_PHRASE = 4
_AUXILIARIES = frozenset(("be", "been", "being", "is", "are", "was", "were", "get", "have", "has", "had", "it", "them"))
_THINGS = frozenset(("IMAGE", "AUDIO", "VIDEO", "TEXT", "CHART", "ANSWER", "FILEIMAGE", "FILEAUDIO", "FILEVIDEO"))
REFERENCE = "REF"
BREAK = "|"
"""Between sentences; "," between their parts."""


class Lexicon:
    """Finds the classes of the words of a text, in their order."""

    def __init__(self, table: str) -> None:
        self._words: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._phrases: dict[str, str] = {}
        wide: dict[str, str] = {}
        for line in table.splitlines():
            if not line or line.startswith("#"):
                continue
            name, words = line.split("\t")
            for word in words.split():
                bare = word.rstrip("*+").replace("+", " ")
                if _WIDE.search(bare):
                    wide.setdefault(bare, name)
                elif " " in bare:
                    self._phrases.setdefault(bare, name)
                elif word.endswith("*"):
                    self._stems.setdefault(bare, name)
                else:
                    self._words.setdefault(bare, name)
        self._longest = max(map(len, self._stems), default=0)
        self._wide = wide
        self._wide_words = re.compile("|".join(sorted(map(re.escape, wide), key=len, reverse=True)))

    def classes(self, text: str) -> list[str]:
        """Class names in the order of the text, with `BREAK` and "," where a sentence or a part of it ends."""
        words = WORD.findall(text)
        found: list[str] = []
        place = 0
        while place < len(words):
            name, taken = self._at(words, place)
            if name:
                found.append(name)
            elif self._is_reference(words, place):
                found.append(REFERENCE)
            else:
                found += self._of_word(words[place])
            place += taken
        return found

    def _at(self, words: list[str], place: int) -> tuple[str, int]:
        for length in range(min(_LONGEST_PHRASE, len(words) - place), 1, -1):
            name = self._phrases.get(" ".join(words[place : place + length]))
            if name:
                return name, length
        return "", 1

    def _is_reference(self, words: list[str], place: int) -> bool:
        """Whether a participle tells which thing is meant ("the edited picture"), and asks for nothing."""
        word = words[place]
        if (
            not word.endswith(("ed", "-free"))
            or place + 1 == len(words)
            or (place and words[place - 1] in _AUXILIARIES)
        ):
            return False
        return bool(self._of_word(word)) and bool(_THINGS.intersection(self._of_word(words[place + 1])))

    def _of_word(self, word: str) -> list[str]:
        if word in ".;:!?。！？；：…":
            return [BREAK]
        if word in ",，、":
            return [","]
        if word.startswith("file"):
            return [word.upper()] if word[4:] in {"image", "audio", "video", "document", "table"} else []
        if word in {"quotedtext", "weburl", "codeblock"}:
            return [word.upper()]
        if _WIDE.search(word):
            return [self._wide[match] for match in self._wide_words.findall(word)]
        name = self._words.get(word)
        for length in range(min(len(word), self._longest), _SHORTEST_STEM, -1) if name is None else ():
            name = self._stems.get(word[:length])
            if name:
                break
        return [name] if name else []


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The one of this package, read once."""
    return Lexicon(files("data.learning").joinpath("lexicon.tsv").read_text(encoding="utf-8"))
