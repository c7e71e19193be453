"""A model's Markdown for Streamlit: what Streamlit adds to Markdown must not act on text that did not mean it.

Streamlit turns `:red[text]`, `:material/home:` and `:streamlit:` into markup, and anything between two dollar signs
into mathematics, prices too. Outside of code the first are shown as written; dollar signs count as mathematics by
Pandoc's rule (no space inside, no digit after the closing one), and so do LaTeX's own brackets, which models prefer.

Short lines stay lines, as a poem needs it: in Markdown they would run into one another.

Pictures become links. A page that a model read may have it name a picture whose address carries what was said; the
browser is forbidden to fetch it (see `core.api.headers`), and here it is not even asked to.
"""

from __future__ import annotations

import re

_CODE = re.compile(
    r"(^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)"
    # In a list. It ends with the list, too: at text that is indented less.
    r"|^[ \t]{4,}(?P<deep>`{3,}|~{3,})[^\n]*(?:\n(?=[ \t]{2}|[ \t]*$)[^\n]*)*?"
    r"(?:\n[ \t]*(?P=deep)[`~]*[ \t]*$|(?=\n ?\S)|\Z)"
    r"|(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`))",
    re.M | re.S,
)
_LOADS = re.compile(r"\bimg\s*:|url\s*\(|<img|@import", re.I)
_DIAGRAM = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*mermaid\b[^\n]*", re.I)
_PICTURE = re.compile(r"(?<!\\)((?:\\\\)*)!(?=\[)")
_DIRECTIVE = re.compile(r"(?<!\\):(?=[A-Za-z][\w\-]*\[)")
_ICON = re.compile(r":(?=material/\w+:|streamlit:)")
WORD_JOINER = "\u2060"  # invisible; icons are put in after Markdown, so that a backslash does not keep them out
_BRACKETS = re.compile(r"\\\[(?P<block>.+?)\\\]|\\\((?P<line>.+?)\\\)", re.S)
_MATH = re.compile(r"\$\$(?:(?!\n[ \t]*\n).)+?\$\$|(?<![\\$])\$(?=[^\s$])[^$\n]*?(?<=[^\s\\$])\$(?![\d$])", re.S)
_DOLLAR = re.compile(r"(?<!\\)\$")


VERSE_CHARS = 60
"""Lines as short as this stay lines: a poem, an address. Longer ones are wrapped by whoever wrote them."""

# Lines of a paragraph, none of which begins something else: a list, a table, a quotation, a heading, code.
_VERSE_LINE = rf"(?!\s|[-*+|>#=]|\d{{1,9}}[.)]|```|~~~)[^\n|]{{1,{VERSE_CHARS}}}"
_VERSE = re.compile(rf"(?:\A|(?<=\n\n)){_VERSE_LINE}(?:\n{_VERSE_LINE})+(?=\n\n|\n?\Z)")


def for_streamlit(text: str) -> str:
    """`text` such that Streamlit draws it as common Markdown with mathematics, and loads nothing for it."""
    drawn, end = [], 0
    for code in _CODE.finditer(text):
        drawn += [_prose(text[end : code.start()]), _code(code.group())]
        end = code.end()
    drawn.append(_prose(text[end:]))
    return "".join(drawn)


def _code(text: str) -> str:
    """A block of code; one of a diagram that would load something is shown as it is written."""
    begun = _DIAGRAM.match(text.lstrip())
    return _DIAGRAM.sub(r"\g<fence>", text, 1) if begun and _LOADS.search(text) else text


def _prose(text: str) -> str:
    text = _BRACKETS.sub(_dollars, text)
    drawn, end = [], 0
    for math in _MATH.finditer(text):
        drawn += [_plain(text[end : math.start()]), math.group()]
        end = math.end()
    drawn.append(_plain(text[end:]))
    return "".join(drawn)


def _in_lines(found: re.Match[str]) -> str:
    return found.group().replace("\n", "  \n")


def _dollars(found: re.Match[str]) -> str:
    block, line = found.group("block"), found.group("line")
    return f"$${block.strip()}$$" if block is not None else f"${line.strip()}$"


def _plain(text: str) -> str:
    text = _VERSE.sub(_in_lines, text)
    text = _PICTURE.sub(r"\1\\!", text)
    return _ICON.sub(f":{WORD_JOINER}", _DOLLAR.sub(r"\\$", _DIRECTIVE.sub(r"\\:", text)))
