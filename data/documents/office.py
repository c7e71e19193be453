"""The text of Office documents: Word, PowerPoint, and all of OpenDocument.

A document of Word or PowerPoint is XML in a ZIP archive; of its hundred kinds of elements a few hold all that is said.
Nothing is unpacked beyond a limit, and no entity outside of the document is followed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import python_calamine

from data.documents.open_document import read_open
from data.documents.problem import Problem

_OOXML = "application/vnd.openxmlformats-officedocument."
WORD, SLIDES, SHEETS = (
    f"{_OOXML}wordprocessingml.document",
    f"{_OOXML}presentationml.presentation",
    f"{_OOXML}spreadsheetml.sheet",
)
_OPEN = "application/vnd.oasis.opendocument."
OPEN_SHEETS, OPEN_TEXT, OPEN_SLIDES = f"{_OPEN}spreadsheet", f"{_OPEN}text", f"{_OPEN}presentation"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LINKS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_HEADING = re.compile(r"(?:heading|title|berschrift|titre|titel)\D*(\d?)", re.IGNORECASE)


def read_office(content: bytes, limits: Mapping[str, Any]) -> tuple[str, str]:
    """Media type and text.

    Raises:
        Problem: it is none of these, or holds more than the limits allow.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            parts = _Parts(archive, limits["unpacked"])
            if "word/document.xml" in names:
                return WORD, _cut(_word(parts), limits["chars"])
            if "ppt/presentation.xml" in names:
                return SLIDES, _cut(_slides(parts), limits["chars"])
            if "xl/workbook.xml" in names:
                parts.weigh()
                return SHEETS, _cut(_sheets(content), limits["chars"])
            kind = parts.read("mimetype").strip().decode("ascii", "replace") if "mimetype" in names else ""
            if kind == OPEN_SHEETS:
                parts.weigh()
                return OPEN_SHEETS, _cut(_sheets(content), limits["chars"])
            if kind in {OPEN_TEXT, OPEN_SLIDES}:
                return kind, _cut(read_open(parts.tree("content.xml")), limits["chars"])
    except (zipfile.BadZipFile, ET.ParseError, KeyError, python_calamine.CalamineError):
        raise Problem("it is damaged") from None
    raise Problem("it is an archive, or of a kind that is not known here")


class _Parts:
    """Files of an archive, as long as they are not more than may be unpacked altogether."""

    def __init__(self, archive: zipfile.ZipFile, room: int) -> None:
        self._archive = archive
        self._room = room

    def read(self, name: str) -> bytes:
        with self._archive.open(name) as part:
            content = part.read(self._room + 1)
        self._spend(len(content))
        return content

    def tree(self, name: str) -> ET.Element:
        content = self.read(name)
        if b"<!DOCTYPE" in content[:4096]:
            raise Problem("it holds what no Office program writes")
        return ET.fromstring(content)  # noqa: S314  # expat bounds what entities grow to, and this process has limits

    def weigh(self) -> None:
        """Unpack everything once, for a reader without a limit of its own: what an archive says of sizes is a claim."""
        for info in self._archive.infolist():
            with self._archive.open(info) as part:
                while piece := part.read(2**20):
                    self._spend(len(piece))

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise Problem("it holds more than can be unpacked")


def _cut(lines: Iterable[str], chars: int) -> str:
    said: list[str] = []
    left = chars
    for line in lines:
        said.append(line[:left])
        left -= len(line) + 1
        if left <= 0:
            said.append(f"[cut: the first {chars:,} characters]")
            break
    return "\n".join(said).replace("\0", "").strip()


def _word(parts: _Parts) -> Iterator[str]:
    body = parts.tree("word/document.xml").find(f"{_W}body")
    yield from _blocks(body) if body is not None else ()


def _blocks(parent: ET.Element) -> Iterator[str]:
    for element in parent:
        if element.tag == f"{_W}p":
            yield _paragraph(element)
        elif element.tag == f"{_W}tbl":
            for row in element.iter(f"{_W}tr"):
                cells = (" ".join(_paragraph(each) for each in cell.iter(f"{_W}p")) for cell in row.iter(f"{_W}tc"))
                yield _row(cells)
            yield ""
        elif element.tag == f"{_W}sdt" and (content := element.find(f"{_W}sdtContent")) is not None:
            yield from _blocks(content)


def _paragraph(paragraph: ET.Element) -> str:
    said = []
    for element in paragraph.iter():
        if element.tag == f"{_W}t":
            said.append(element.text or "")
        elif element.tag == f"{_W}tab":
            said.append("\t")
        elif element.tag in {f"{_W}br", f"{_W}cr"}:
            said.append("\n")
    text = "".join(said)
    look = paragraph.find(f"{_W}pPr")
    if not text.strip() or look is None:
        return text
    style = look.find(f"{_W}pStyle")
    named = style.get(f"{_W}val", "") if style is not None else ""
    if heading := _HEADING.match(named):
        return f"\n{'#' * min(int(heading[1] or 1), 6)} {text.strip()}"
    return f"- {text}" if look.find(f"{_W}numPr") is not None or named.startswith("List") else text


def _slides(parts: _Parts) -> Iterator[str]:
    links = parts.tree("ppt/_rels/presentation.xml.rels").iter(_LINKS)
    targets = {each.get("Id"): each.get("Target", "") for each in links}
    order = parts.tree("ppt/presentation.xml").iter(f"{_P}sldId")
    for number, slide in enumerate(order, 1):
        target = targets.get(slide.get(f"{_R}id"), "")
        yield f"\n[Slide {number}]"
        tree = parts.tree(f"ppt/{target}" if not target.startswith("/") else target.lstrip("/"))
        in_tables = {each for table in tree.iter(f"{_A}tbl") for each in table.iter(f"{_A}p")}
        yield from (text for each in tree.iter(f"{_A}p") if each not in in_tables and (text := _line(each)))
        for row in tree.iter(f"{_A}tr"):
            yield _row(" ".join(_line(each) for each in cell.iter(f"{_A}p")) for cell in row.iter(f"{_A}tc"))


def _line(paragraph: ET.Element) -> str:
    return "".join(
        "\n" if each.tag == f"{_A}br" else each.text or ""
        for each in paragraph.iter()
        if each.tag in {f"{_A}t", f"{_A}br"}
    ).strip()


def _sheets(content: bytes) -> Iterator[str]:
    book = python_calamine.load_workbook(io.BytesIO(content))
    for name in book.sheet_names:
        try:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
        except python_calamine.WorksheetNotFound:  # a sheet that is only a chart
            continue
        yield f"\n[Sheet {name}]"
        for row in rows:
            if any(value != "" for value in row):
                yield _row(map(_value, row))


def _value(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else str(value)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
