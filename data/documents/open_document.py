"""The text of OpenDocument texts and slides, as LibreOffice writes them (ODF 1.3, part 3)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _DRAW = f"{_NAMES}text:1.0}}", f"{_NAMES}table:1.0}}", f"{_NAMES}drawing:1.0}}"
_HEADING, _PARAGRAPH = f"{_TEXT}h", f"{_TEXT}p"
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_UNSAID = {f"{_TEXT}tracked-changes", f"{_NAMES}presentation:1.0}}notes", f"{_NAMES}office:1.0}}annotation"}
_MOST_SPACES = 100


def read_open(root: ET.Element) -> Iterator[str]:
    """What is said in the file `content.xml`, line by line; each slide under its number."""
    slides = 0
    waiting = [(root, "")]
    while waiting:
        element, mark = waiting.pop()
        if element.tag in _UNSAID:
            continue
        if element.tag == f"{_DRAW}page":
            slides += 1
            yield f"\n[Slide {slides}]"
        if element.tag == _HEADING:
            level = element.get(f"{_TEXT}outline-level", "1")
            yield f"\n{'#' * min(int(level) if level.isdecimal() else 1, 6)} {_said(element).strip()}"
        elif element.tag == _PARAGRAPH:
            yield mark + _said(element)
            waiting.extend((frame, "") for frame in reversed(list(element.iter(f"{_DRAW}text-box"))))
        elif element.tag == f"{_TABLE}table-row":
            cells = (cell for cell in element if cell.tag == f"{_TABLE}table-cell")
            told = (" ".join(_said(each) for each in cell.iter(_PARAGRAPH)) for cell in cells)
            yield "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in told) + " |"
        else:
            mark = "- " if element.tag == f"{_TEXT}list-item" else mark
            waiting.extend((child, mark) for child in reversed(element))


def _said(paragraph: ET.Element) -> str:
    """Its words, without those of boxes and notes that hang on it."""
    said = [paragraph.text or ""]
    for child in paragraph:
        if child.tag in _BREAKS:
            said.append(_BREAKS[child.tag])
        elif child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            said.append(" " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES))
        elif child.tag not in _UNSAID and not child.tag.startswith(_DRAW):
            said.append(_said(child))
        said.append(child.tail or "")
    return "".join(said)
