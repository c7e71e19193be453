"""A prompt as the analysis reads it: file names, addresses and quotations stand as what they are, not in their words.

A quotation is content ("summarize 'paint the town red'" wants no painting), and a file's name says its kind.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from data.learning.lexicon import lexicon
from data.values.plans import Input

_HEAD, _TAIL = 700, 300
"""Characters that are read. What is wanted stands at the beginning or at the end; the middle is its material."""

_LONG_TOKEN = 40

_ENDINGS = {
    Input.IMAGE: "jpg jpeg png gif webp bmp tiff tif svg heic",
    Input.AUDIO: "wav mp3 ogg oga flac m4a aac opus",
    Input.VIDEO: "mp4 mov avi mkv webm m4v",
    Input.DOCUMENT: "txt pdf doc docx ppt pptx odt rtf md epub",
    Input.TABLE: "csv tsv xls xlsx ods parquet",
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
FILE_TOKENS = {kind: f"file{kind.value}" for kind in _ENDINGS}
"""What stands for a file of each kind."""

_FILE = re.compile(
    rf"['\"“”‘’„«`]?[^\s'\"“”‘’«»()<>,;`]*\.({'|'.join(sorted(_KINDS, key=len, reverse=True))})(?![\w/])['\"”“’‘»`]?",
    re.IGNORECASE,
)
"""With its quotation marks: left alone they would begin a quotation that ends anywhere."""

_URL = re.compile(r"(?:https?://|www\.)[^\s'\"“”‘’«»()<>]+", re.IGNORECASE)
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_DOCSTRING = re.compile(r"\"{3}|'{3}")
"""Says what a function is to do, which is what is asked: no quotation."""

_QUOTES = re.compile(
    r"(?<![\w])'(?=\S)(.{2,3000}?)'(?!\w)|\"(.{2,3000}?)\"|“(.{2,3000}?)[”“]|„(.{2,3000}?)[“”]|«(.{2,3000}?)»"
    r"|「(.{2,3000}?)」|『(.{2,3000}?)』|(?<!\w)‘(.{2,3000}?)’(?!\w)",
    re.DOTALL,
)
_PASTED = re.compile(r"\A(?=\S)([^\n]{3,300}?)(?:(?<=[:：])[ \t]*\n\s*(?=\S)|[ \t]*\n[ \t]*\n\s*(?=\S[\s\S]{300}))")
"""One line and, behind a colon or an empty line, what it is about."""

_SOURCE = re.compile(
    r"(?<!\w)(?:(?:def|function|fn|func|void) \w+ ?\(|(?:const|let|var) \w+ ?=|#include\b|import \w+ from\b"
    r"|from [\w.]+ import\b|assert \w+\(|return \w+ ?[;(+*-]|public (?:static|class)\b|select .{1,60} from \w|>>> ?\w)"
    r"|=> ?\{|\) ?\{|==|&&|\w\(\);"
)
"""What stands in lines of programs, and hardly elsewhere."""

_INSTEAD = re.compile(
    r"\A(?:please |bitte )?(?:instead of|rather than|statt|anstatt|anstelle|en vez de|en lugar de|au lieu d|plutôt qu"
    r"|invece d|em vez de|zamiast|вместо)[^.,;:!?]{2,40}?,? (?=(?:give|make|create|draw|paint|write|tell|describe|read"
    r"|say|show|gib|mache?|zeichne|male|schreibe?|beschreibe?|erzähle?|lies|dame|haz|dibuja|pinta|escribe|cuenta|lee"
    r"|donne|fais|dessine|peins|écris|décris|raconte|lis|dammi|fai|disegna|dipingi|scrivi|descrivi|racconta|leggi"
    r"|dá|faz|desenha|escreve|descreve|conta|narysuj|napisz|opisz|нарисуй|напиши|опиши)\b)"
)
"""What shall not be, in front of what shall: nothing is asked for in it."""

_GAME = re.compile(r"\bvideo ?game(s?)\b")
_SHOW = re.compile(r"\b(?:tv|television|talk|game|quiz|reality|radio|cooking|fashion|magic) show(s?)\b")
"""Neither a film that is to be made, nor something that is to be shown."""

_DONE_TO_TEXT = frozenset(("TRANSLATE", "SUMMARIZE", "REWRITE", "KEYWORDS", "CLASSIFY", "SPEAK"))
_ADDED = re.compile(
    r"\n[ \t]*\n(?=[^\n]{1,200}\Z)(?:and|then|finally|afterwards|dann|danach|puis|luego|poi)\b", re.IGNORECASE
)
QUOTED, URL, CODE_BLOCK, DOCSTRING = "quotedtext", "weburl", "codeblock", "docstring"


@dataclass(frozen=True, slots=True)
class Masked:
    """What is left to read.

    Args:
        text: lower case, with tokens in the place of files, addresses, quotations and code; at most 1,000 characters.
        mentioned: kinds of the files that are named.
        length: characters of the prompt itself.
        lines: of the prompt itself.
    """

    text: str
    mentioned: frozenset[Input]
    length: int
    lines: int

    @property
    def has_source(self) -> bool:
        """Whether a line of a program stands in it."""
        return bool(_SOURCE.search(self.text))


def masked(prompt: str) -> Masked:
    """Read a prompt of any length, in time that grows with no more than its ends."""
    prompt = prompt.strip()
    shown = prompt if len(prompt) <= 8_000 else f"{prompt[:6_000]}\n{prompt[-2_000:]}"
    shown = unicodedata.normalize("NFKC", shown).replace("’", "'")
    shown = _request(shown)
    shown = _FENCE.sub(f" {CODE_BLOCK} ", shown)
    shown = _DOCSTRING.sub(f" {DOCSTRING} ", shown)
    mentioned: set[Input] = set()

    def file_token(match: re.Match[str]) -> str:
        kind = _KINDS[match[1].lower()]
        mentioned.add(kind)
        return f" {FILE_TOKENS[kind]} "

    shown = _FILE.sub(file_token, shown)
    shown = _URL.sub(f" {URL} ", shown)
    without = _QUOTES.sub(_quotation, shown)
    if len(without.split()) > 1:  # a prompt that is one quotation is read as it stands
        shown = without
    shown = " ".join(word[:_LONG_TOKEN] for word in shown.lower().split())
    shown = _SHOW.sub("series", _GAME.sub(r"game\1", _INSTEAD.sub("", shown)))
    if len(shown) > _HEAD + _TAIL:
        shown = f"{shown[:_HEAD]} … {shown[-_TAIL:]}"
    return Masked(shown, frozenset(mentioned), len(prompt), prompt.count("\n") + 1)


def _request(prompt: str) -> str:
    """A prompt without the text below that something is to be done to: it may ask for things itself."""
    if (found := _PASTED.match(prompt)) and _DONE_TO_TEXT.intersection(lexicon().classes(found[1].lower())):
        added = _ADDED.search(prompt, found.end())
        return f"{found[1]} {QUOTED}" + (f". {prompt[added.end() :]}" if added else "")
    return prompt


def _quotation(match: re.Match[str]) -> str:
    inner = next(group for group in match.groups() if group is not None).strip()
    files = [word for word in inner.split() if word in FILE_TOKENS.values()]
    if files and len(inner.split()) == 1:
        return f" {files[0]} "  # a quoted file name
    return f" {QUOTED} " + " ".join(files)
