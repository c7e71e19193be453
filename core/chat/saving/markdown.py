"""An answer as a Markdown file with a folder of files beside it."""

from __future__ import annotations

import io
import re
import urllib.parse
import zipfile
from collections.abc import Callable, Iterable

from core.chat.chart_data import as_csv
from core.chat.csv_text import table_csv
from core.chat.saving.charts.drawn import chart_svg
from core.chat.saving.names import Names, ending_of, file_name
from core.chat.saving.quiet import quiet
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

_FOLDER = "files"
_SHOWN_ROWS = 50
"""Rows of a table that stand in the text; all that there are, are in its CSV."""

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>|~$]|&(?=[#A-Za-z]))")
_BEGINS = re.compile(r"^(\d*)([#+\-=.)])(?=\s|[#\-=]|$)")  # a heading, a list, a line below a heading


def reply_zip(reply: Reply, load: Callable[[Blob], bytes | None]) -> bytes:
    """A zip file of one folder: the answer's text, and in `files` its pictures, sounds, films, charts and tables."""
    writer = _Writer(load)
    text = writer.write(reply)
    folder = file_name(name_of(reply.message), otherwise="reply").replace(".", " ").strip()
    when = reply.saved_at.timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in ((f"{folder}.md", text.encode("utf-8", "replace")), *writer.files):
            # What cameras and encoders made does not get smaller.
            kind = (
                zipfile.ZIP_DEFLATED if name.endswith((".md", ".csv", ".svg", ".txt", ".wav")) else zipfile.ZIP_STORED
            )
            packed.writestr(zipfile.ZipInfo(f"{folder}/{name}", when), content, kind)
    return out.getvalue()


class _Writer:
    """Writes the text, and gathers the files that it names."""

    def __init__(self, load: Callable[[Blob], bytes | None]) -> None:
        self._load = load
        self._names = Names()
        self._places: dict[str, str] = {}
        self.files: list[tuple[str, bytes]] = []

    def write(self, reply: Reply) -> str:
        blocks = [f"# {_plain(reply.title or name_of(reply.message))}"]
        if reply.asked:
            blocks.append("\n".join(f"> {_plain(line)}" for line in reply.asked.splitlines()))
        blocks += [block for part in reply.contents for block in self._block(part)]
        if lines := made(reply.message):
            rows = [(each.what, each.who, each.cost, each.took) for each in lines]
            blocks += ["---", _table(("Made", "By", "Cost", "Time"), rows)]
        blocks.append(f"*{reply.when}*")
        return "\n\n".join(blocks) + "\n"

    def _block(self, part: Content) -> list[str]:
        if isinstance(part, Media):
            return self._media(part)
        return self._numbers(part) if isinstance(part, Numbers) else self._words(part)

    def _words(self, part: Words) -> list[str]:
        match part:
            case TextPart(text):
                return [quiet(text)]
            case TextFilePart():
                return [_link(part.name, self._put(file_name(part.name, otherwise="text"), part.text.encode()))]
            case SourcesPart(sources):
                named = enumerate(for_reading(sources), 1)
                lines = [f"{at}. {_link(each.title or each.host, each.url)}" for at, each in named]
                return ["**Sources**", "\n".join(lines)] if lines else []
            case NoticePart(text):
                return [f"> {_plain(text)}"]
            case ErrorPart():
                return [f"> **{_plain(part.message)}** {_plain(part.remedy)}".rstrip()]

    def _numbers(self, part: Numbers) -> list[str]:
        if isinstance(part, TablePart):
            place = self._put(file_name(part.title, ".csv", otherwise="table"), table_csv(part).encode())
            shown = _table(part.columns, part.rows[:_SHOWN_ROWS])
            return [*_bold(part.title), shown, _link(f"All {len(part.rows):,} rows as CSV", place)]
        drawn, data = chart_svg(part.figure, part.title), as_csv(part.figure)
        picture = self._put(file_name(part.title, ".svg", otherwise="chart"), drawn.encode())
        numbers = self._put(file_name(part.title, ".csv", otherwise="chart"), data.encode())
        return [f"!{_link(part.title or 'Chart', picture)}", _link("Its numbers as CSV", numbers)]

    def _media(self, part: Media) -> list[str]:
        place = self._kept(part)
        if place is None:
            return [f"> “{_plain(part.name)}” {GONE}"]
        if isinstance(part, ImagePart):
            return [f"!{_link(part.caption or part.name, place)}"]
        said = part.transcript if isinstance(part, AudioPart) else part.caption if isinstance(part, VideoPart) else ""
        quoted = "\n".join(f"> {_plain(line)}" for line in said.splitlines())
        return [_link(part.name, place), *([quoted] if quoted else [])]

    def _kept(self, part: Media) -> str | None:
        """Where the bytes are; those that come twice are kept once."""
        if part.blob.digest not in self._places:
            content = self._load(part.blob)
            if content is None:
                return None
            name = file_name(part.name, ending_of(part.blob.media_type), otherwise="file")
            self._places[part.blob.digest] = self._put(name, content)
        return self._places[part.blob.digest]

    def _put(self, name: str, content: bytes) -> str:
        place = f"{_FOLDER}/{self._names.take(name)}"
        self.files.append((place, content))
        return place


def _plain(text: str) -> str:
    """Text in which nothing is markup, in one line."""
    return _BEGINS.sub(r"\1\\\2", _ACTIVE.sub(r"\\\1", " ".join(text.split())))


def _bold(title: str) -> list[str]:
    return [f"**{_plain(title)}**"] if title.strip() else []


def _link(text: str, place: str) -> str:
    return f"[{_plain(text)}]({urllib.parse.quote(place, safe='/:?&=%#@+,;~')})"


def _table(columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    names = [_plain(name) or " " for name in columns]
    lines = [
        names,
        ["---"] * len(names),
        *([_plain("" if cell is None else str(cell)) for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
