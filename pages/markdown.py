"""A model's Markdown for Streamlit: what Streamlit adds to Markdown must not act on text that did not mean it.

Streamlit turns `:red[text]`, `:material/home:` and `:streamlit:` into markup, and anything between two dollar signs
into mathematics, prices too. Outside of code the first are shown as written; dollar signs count as mathematics by
Pandoc's rule (no space inside, no digit after the closing one), and so do LaTeX's own brackets, which models prefer.
"""

from __future__ import annotations

import re

_CODE = re.compile(
    r"(^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)|(?P<ticks>`+)[^`].*?(?P=ticks))",
    re.M | re.S,
)
_DIRECTIVE = re.compile(r"(?<!\\):(?=[A-Za-z][\w\-]*\[)")
_ICON = re.compile(r":(?=material/\w+:|streamlit:)")
WORD_JOINER = "\u2060"  # invisible; icons are put in after Markdown, so that a backslash does not keep them out
_BRACKETS = re.compile(r"\\\[(?P<block>.+?)\\\]|\\\((?P<line>.+?)\\\)", re.S)
_MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$(?=[^\s$])[^$\n]*?(?<=[^\s\\$])\$(?![\d$])", re.S)
_DOLLAR = re.compile(r"(?<!\\)\$")


def for_streamlit(text: str) -> str:
    """`text` such that Streamlit draws it as common Markdown with mathematics."""
    drawn, end = [], 0
    for code in _CODE.finditer(text):
        drawn += [_prose(text[end : code.start()]), code.group()]
        end = code.end()
    drawn.append(_prose(text[end:]))
    return "".join(drawn)


def _prose(text: str) -> str:
    text = _BRACKETS.sub(_dollars, text)
    drawn, end = [], 0
    for math in _MATH.finditer(text):
        drawn += [_plain(text[end : math.start()]), math.group()]
        end = math.end()
    drawn.append(_plain(text[end:]))
    return "".join(drawn)


def _dollars(found: re.Match[str]) -> str:
    block, line = found.group("block"), found.group("line")
    return f"$${block.strip()}$$" if block is not None else f"${line.strip()}$"


def _plain(text: str) -> str:
    return _ICON.sub(f":{WORD_JOINER}", _DOLLAR.sub(r"\\$", _DIRECTIVE.sub(r"\\:", text)))
