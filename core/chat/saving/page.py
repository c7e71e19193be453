"""An answer as one HTML file that holds all of it: it opens in any browser, and asks nobody for anything.

What models and people wrote is read as Markdown and cleaned, or escaped; the page's own policy forbids the rest.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterable
from functools import partial

from core.chat.chart_data import rows_of
from core.chat.saving.charts.drawn import chart_svg
from core.chat.saving.charts.shapes import escaped
from core.chat.saving.looks import STYLE
from core.chat.saving.names import file_name
from core.chat.saving.quiet import reader
from core.chat.saving.reply import GONE, Content, Media, Numbers, Reply, Words, made, name_of
from data.values.media import Blob, Cell
from data.values.parts import (
    AudioPart,
    ErrorPart,
    ImagePart,
    NoticePart,
    SourcesPart,
    TablePart,
    TextFilePart,
    TextPart,
    VideoPart,
)
from data.values.sources import for_reading

POLICY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_HEAD = (
    f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{escaped(POLICY)}">'
    '<meta name="referrer" content="no-referrer"><meta http-equiv="x-dns-prefetch-control" content="off">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
)
_SHOWN_ROWS = 1_000
_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_PLAYED = ("audio/", "video/")
_SEEN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def reply_page(reply: Reply, load: Callable[[Blob], bytes | None]) -> bytes:
    """The page, in UTF-8."""
    title = escaped(reply.title or name_of(reply.message))
    asked = f'<div class="asked">{escaped(reply.asked)}</div>' if reply.asked else ""
    body = "\n".join(map(partial(_block, load=load), reply.contents))
    lines = [(each.what, each.who, each.cost, each.took) for each in made(reply.message)]
    how = f"<details><summary>How it was made</summary>{_table(('Made', 'By', 'Cost', 'Time'), lines)}</details>"
    foot = f"<footer>{how if lines else ''}<p>{escaped(reply.when)}</p></footer>"
    head = f"{_HEAD}<title>{title}</title><style>{STYLE}</style>"
    page = f"<!doctype html>\n<html><head>{head}</head>\n<body><main>{asked}\n{body}\n{foot}</main></body></html>\n"
    return page.encode("utf-8", "replace")


def from_markdown(text: str) -> str:
    """HTML for a model's Markdown: without pictures, scripts, styles and anything else that loads or runs."""
    import nh3  # at the first answer that is saved

    return nh3.clean(
        reader().render(text.encode("utf-8", "replace").decode()),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",  # beside a file that somebody saved lie that person's other files
        link_rel="noopener noreferrer nofollow",
    )


def _block(part: Content, load: Callable[[Blob], bytes | None]) -> str:
    if isinstance(part, Media):
        return _media(part, load(part.blob))
    return _numbers(part) if isinstance(part, Numbers) else _words(part)


def _words(part: Words) -> str:
    match part:
        case TextPart(text):
            return from_markdown(text)
        case TextFilePart():
            return f"<details><summary>{escaped(part.name)}</summary><pre>{escaped(part.text)}</pre></details>"
        case SourcesPart(sources):
            lines = "".join(f"<li>{_link(each.url, each.title, each.host)}</li>" for each in for_reading(sources))
            return f"<details open><summary>Sources</summary><ol>{lines}</ol></details>" if lines else ""
        case NoticePart(text):
            return f'<p class="quiet">{escaped(text)}</p>'
        case ErrorPart():
            return f'<p class="problem"><strong>{escaped(part.message)}</strong> {escaped(part.remedy)}</p>'


def _numbers(part: Numbers) -> str:
    if isinstance(part, TablePart):
        more = part.total_rows - min(len(part.rows), _SHOWN_ROWS)
        cut = f'<p class="quiet">{more:,} more rows are not here.</p>' if more > 0 else ""
        return f"<figure>{_caption(part.title)}{_table(part.columns, part.rows[:_SHOWN_ROWS])}</figure>{cut}"
    head, *rows = rows_of(part.figure) or [[]]
    data = f"<details><summary>Numbers</summary>{_table(map(str, head), rows[:_SHOWN_ROWS])}</details>"
    return f'<figure><div class="wide">{chart_svg(part.figure, part.title, ground=None)}</div>{data}</figure>'


def _media(part: Media, content: bytes | None) -> str:
    name = escaped(part.name)
    if content is None:
        return f'<p class="quiet">“{name}” {GONE}</p>'
    kind = part.blob.media_type.lower()
    if isinstance(part, ImagePart) and kind in _SEEN:
        picture = f'<img src="{_data(kind, content)}" alt="{escaped(part.caption or part.name)}">'
        return f"<figure>{picture}{_caption(part.caption)}</figure>"
    if isinstance(part, AudioPart) and kind.startswith(_PLAYED):
        said = f'<details><summary>Transcript</summary><p class="said">{escaped(part.transcript)}</p></details>'
        player = f'<audio controls preload="metadata" src="{_data(kind, content)}"></audio>'
        return f"<figure>{player}<figcaption>{name}</figcaption>{said if part.transcript else ''}</figure>"
    if isinstance(part, VideoPart) and kind.startswith(_PLAYED):
        player = f'<video controls preload="metadata" src="{_data(kind, content)}"></video>'
        return f"<figure>{player}{_caption(part.caption or part.name)}</figure>"
    # As what it is not, so that a browser keeps it and does not open it.
    held, called = _data("application/octet-stream", content), escaped(file_name(part.name))
    return f'<p><a href="{held}" download="{called}">{name}</a></p>'


def _data(kind: str, content: bytes) -> str:
    return f"data:{html.escape(kind)};base64,{base64.b64encode(content).decode()}"


def _caption(text: str) -> str:
    return f"<figcaption>{escaped(text)}</figcaption>" if text.strip() else ""


def _link(url: str, title: str, host: str) -> str:
    beside = f" · {escaped(host)}" if title else ""
    return f'<a href="{escaped(url)}" rel="noopener noreferrer nofollow">{escaped(title or host)}</a>{beside}'


def _table(columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    head = "".join(f"<th>{escaped(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: Cell) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{value}</td>'
    return f"<td>{'' if value is None else escaped(str(value))}</td>"
