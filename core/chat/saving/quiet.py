"""A model's Markdown such that nothing is loaded or run where it is read.

Readers of Markdown fetch its pictures, and many of them draw its HTML: an address in either may carry what was said to
whoever wrote a page that the model had read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_TICKS = re.compile(r"(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)", re.S)
_PICTURE = re.compile(r"(?<!\\)((?:\\\\)*)!(?=\[)")
_HTML = re.compile(
    r"(?<!\\)((?:\\\\)*)<(?=[A-Za-z/!?])(?![A-Za-z][A-Za-z0-9+.\-]+:)"
)  # an address may stay in its brackets


def reader() -> MarkdownIt:
    """Reads CommonMark with tables and struck words; HTML is text, and there are no pictures.

    A new one each time: it completes its rules at its first use, and another thread could find half of them.
    """
    return _reader(html=False).disable("image")


def quiet(text: str) -> str:
    """`text` with its pictures as links and its HTML as text; code stays as it is, and ends where the text does.

    Lines of a paragraph stay lines, as the chat shows them: most readers would join them, and a poem be lost.
    """
    lines = [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    code: set[int] = set()
    tokens = reader().parse("".join(lines))
    for token in tokens:
        if token.type in {"fence", "code_block"} and token.map is not None:
            code.update(range(*token.map))
        elif token.map is not None and any(child.type == "softbreak" for child in token.children or ()):
            for at in range(token.map[0], token.map[1] - 1):  # the chat breaks the line there, too
                line = lines[at].rstrip()
                lines[at] = f"{line}\n" if line.endswith("\\") else f"{line}  \n"
    said, prose = list[str](), ""
    for at, line in enumerate(lines):
        if at in code:
            said += [_prose(prose), line]
            prose = ""
        else:
            prose += line
    calm = "".join([*said, _prose(prose)]).rstrip("\n")
    if tokens and tokens[-1].type == "fence" and not _ends(calm, tokens[-1].markup):
        calm += f"\n{tokens[-1].markup}"
    return _calm(calm) if _loads(calm) else calm  # what only looked like code


def _reader(*, html: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt  # at the first answer that is saved

    return MarkdownIt("commonmark", {"html": html, "breaks": True}).enable(["table", "strikethrough"])


def _ends(text: str, fence: str) -> bool:
    last = text.rpartition("\n")[2].strip()
    return last.startswith(fence) and not last.strip(fence[0])


def _loads(text: str) -> bool:
    """Whether a reader that draws pictures and HTML finds any."""
    found = _reader(html=True).parse(text)
    inner = (child for token in found for child in token.children or ())
    return any(token.type in {"html_block", "html_inline", "image"} for token in (*found, *inner))


def _prose(text: str) -> str:
    kept, end = [], 0
    for code in _TICKS.finditer(text):
        kept += [_calm(text[end : code.start()]), code.group()]
        end = code.end()
    return "".join([*kept, _calm(text[end:])])


def _calm(text: str) -> str:
    return _HTML.sub(r"\1\\<", _PICTURE.sub(r"\1\\!", text))
