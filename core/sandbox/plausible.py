"""What the sandbox writes where a prompt asks for a text that it can make by rule: a verse, a tale, an extract."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.sandbox.figures import remarks, table_in
from core.sandbox.languages import NAMES, language_named
from core.sandbox.verses import SIGNED, tale, verse

_VERSE = re.compile(
    r"\b(?:ha[iï]kus?|poems?|verses?|limericks?|rhymes?|sonnets?|gedichte?|verse|poèmes?|poemes?|poemas?|poesías?|poesie|poesia|versos?)\b|俳句|詩",
    re.IGNORECASE,
)
_TALE = re.compile(
    r"\b(?:story|stories|tale|fable|geschichten?|märchen|histoire|conte|historias?|cuentos?|storia|favola|história)\b",
    re.I,
)
_TRANSLATE = re.compile(r"\b(?:translat\w+|übersetz\w*|uebersetz\w*|tradu\w+)|翻訳|翻译", re.IGNORECASE)
_SUMMARY = re.compile(
    r"\b(?:summar\w+|zusammenfass\w*|fass\w*|résum\w*|resum\w*|riassum\w*|tl;?dr|shorten|key points)\b", re.IGNORECASE
)
_TELLS = re.compile(
    r"\b(?:describ\w+|explain\w*|interpret\w*|comment\w*|beschreib\w*|erklär\w*|décri\w*|expliqu\w*|describ\w*|explic\w*|descriv\w*|spiega\w*|"
    r"what does|was zeigt|voice-?over|caption)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"\n\s*\n")
_EXACT = re.compile(r"\[\[(?:say|words):")
_QUOTED = re.compile(r"[“\"«„](.{8,})[”\"»“]")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_ASKED_CHARS = 600
_EXTRACT_CHARS = 700
_MOST_CHARS, _LINE_CHARS = 200_000, 4_000
_ACCENTS = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt in two: what is asked, and what it is asked of."""

    words: str
    material: str


def plausible(prompt: str) -> str | None:
    """The text, signed as scripted; None where the prompt asks for nothing known here."""
    asked = parted(prompt)
    words, material = asked.words, asked.material
    if _TRANSLATE.search(words) and material:
        language = NAMES.get(language_named(words), "another language")
        honest = f"Not translated, only marked (the sandbox is scripted; {language} was asked for):"
        return f"{honest}\n\n{material.translate(_ACCENTS)}"
    if _VERSE.search(words) and not (_TELLS.search(words) and material):
        return f"{verse(words)}\n\n{SIGNED}"
    if _SUMMARY.search(words) and material:
        return f"{_extract(material)}\n\n{SIGNED}"
    if _TELLS.search(words) and material:
        found = table_in(material)
        return f"{remarks(found) if found else _extract(material)}\n\n{SIGNED}"
    if _TALE.search(words):
        return f"{tale(words)}\n\n{SIGNED}"
    return None


def describes(prompt: str) -> bool:
    """Whether a prompt asks what is to be seen, and for nothing else."""
    words = parted(prompt).words
    return (
        bool(_TELLS.search(words))
        and not _VERSE.search(words)
        and not _TALE.search(words)
        and not _EXACT.search(prompt)
    )


def parted(prompt: str) -> Asked:
    """What a prompt asks, and what it asks it of.

    What is asked stands in the last paragraph or the first one, which ever has words for it; notes in square brackets
    are neither. In a prompt of one paragraph it is asked of what stands in quotation marks, or behind a colon.
    """
    paragraphs = [each.strip() for each in _BREAK.split(prompt[:_MOST_CHARS]) if each.strip()]
    for place, each in enumerate(paragraphs):
        if each.startswith("[") and each.endswith(":]"):
            paragraphs = paragraphs[:place]
            break
    plain = [each for each in paragraphs if not (each.startswith("[") and each.endswith("]") and "\n" not in each)]
    if len(plain) > 1:
        for place in (len(plain) - 1, 0):
            first = plain[place].split("\n", 1)[0]
            if any(kind.search(first[:_ASKED_CHARS]) for kind in (_TRANSLATE, _VERSE, _SUMMARY, _TELLS, _TALE)):
                return Asked(first, "\n\n".join(plain[:place] + plain[place + 1 :]))
    whole = plain[-1] if plain else ""
    first, _, rest = whole.partition("\n")
    quoted = _QUOTED.search(first[:_LINE_CHARS])
    if quoted:
        return Asked(first.replace(quoted.group(0), " "), quoted.group(1))
    lead, colon, behind = first.partition(": ")
    if colon and len(behind) > 7:
        return Asked(lead, behind)
    return Asked(first[:_ASKED_CHARS], rest if first.endswith(":") else "")


def _extract(material: str) -> str:
    """Its first sentences."""
    taken: list[str] = []
    for sentence in _SENTENCE.split(material.strip()):
        if (taken and sum(map(len, taken)) + len(sentence) > _EXTRACT_CHARS) or len(taken) == 3:
            break
        taken.append(sentence.strip()[:_EXTRACT_CHARS])
    return " ".join(each for each in taken if each)
