"""A prompt as words: folded so that one list of words serves however they are written. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_READ = 6_000
"""Characters of a prompt that are looked at for what it asks; what stands behind is material."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_ACCENTS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"-?\w+")
_QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"\n]*\"|`[^`]*`|(?<!\w)['‘][^'’\n]{2,}['’](?!\w)")
# Words on: the following text, diesen Satz. What they announce is material, not a request.
_MATERIAL = re.compile(r":\s*\n|\n\s*\n")
_COLON = re.compile(r"(?<=\w)[”\"']?:\s+")

# A clitic is a word of its own; any other half of a compound is just the second half.
_CLITICS = {"-le", "-la", "-les", "-l", "-lo", "-o", "-a", "-os", "-as", "-los", "-las", "-moi", "-nous"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a prompt: as it stands there and folded, where, and whether it begins after a mark.

    Args:
        after: the marks between it and the word before: "," or "." or "".
    """

    text: str
    folded: str
    start: int
    end: int
    after: str = ""


def listed(words: str) -> frozenset[str]:
    """A list of words that is written as a text; marks of languages in it, such as "de:", are none of them."""
    return frozenset(word for word in words.split() if not word.endswith(":"))


def by_language(words: str) -> dict[str, frozenset[str]]:
    """A list of words in which such marks say whose the words behind them are; the first are English."""
    found: dict[str, set[str]] = {}
    language = "en"
    for word in words.split():
        if word.endswith(":"):
            language = word[:-1]
        else:
            found.setdefault(language, set()).add(word)
    return {language: frozenset(each) for language, each in found.items()}


def folded(text: str) -> str:
    """Without case and accents; German umlauts as two letters, so that "ändere" is not "andere"."""
    if text.isascii():
        return text.casefold()
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_UMLAUTS).casefold())
    return _ACCENTS.sub("", spread)


def tokens(text: str) -> list[Token]:
    """The words of a text; what stands in quotes is none of them."""
    masked = unquoted(text[:MOST_READ])
    found: list[Token] = []
    end = 0
    for match in _WORD.finditer(masked):
        word = folded(match.group())
        if word not in _CLITICS:
            word = word.lstrip("-")
        marks = re.sub(r"\s+", lambda gap: "\n" if "\n" in gap.group() else "", masked[end : match.start()])
        found.append(Token(match.group(), word, match.start(), match.end(), marks))
        end = match.end()
    return found


def unquoted(text: str) -> str:
    """The text with blanks in the place of what is quoted, so that places in it stay the same."""
    return _QUOTED.sub(lambda match: "\x01" + " " * (len(match.group()) - 1), text)


def quotes(text: str) -> list[str]:
    """What is quoted, without its marks."""
    return [match.group()[1:-1].strip() for match in _QUOTED.finditer(text[:MOST_READ])]


def request_and_material(prompt: str) -> tuple[str, str]:
    """The request, and the text that was pasted below it; without one the second is empty."""
    found = _MATERIAL.search(prompt)
    if found is None or not prompt[: found.start()].strip():
        return prompt, ""
    return prompt[: found.start()], prompt[found.end() :].strip()


def after_colon(text: str) -> tuple[str, str]:
    """What stands before the first colon, and behind it."""
    found = _COLON.search(text)
    return (text, "") if found is None else (text[: found.start()], text[found.end() :].strip())


def shortened(text: str, most: int) -> str:
    """Its first characters on one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def forms(word: str) -> Iterable[str]:
    """The word as it may stand in a list: itself, without an ending of the plural or of a case."""
    yield word
    if len(word) > 4:
        for ending in ("s", "n", "e", "es", "en", "er"):
            if word.endswith(ending):
                yield word[: -len(ending)]
