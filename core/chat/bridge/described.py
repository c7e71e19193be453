"""What a model reads in the place of something that is no text: short, and plain about what it is not shown."""

from __future__ import annotations

from data.values.media import Cell
from data.values.parts import AudioPart, ChartPart, FilePart, ImagePart, TablePart, VideoPart

TABLE_ROWS = 200
"""Rows of a table that go to a model; it is told how many there are."""


def picture(part: ImagePart, why: str = "You can't see it.") -> str:
    """A picture in words: its name, pixels and type, and what somebody said is on it."""
    kind = part.blob.media_type.removeprefix("image/").upper()
    seen = f" It shows: {part.caption}" if part.caption else ""
    return f"[Picture “{part.name}”: {part.width} × {part.height} pixels, {kind}. {why}{seen}]"


def sound(part: AudioPart) -> str:
    """A sound in words: what is said in it, where that is known."""
    lasts = "" if part.seconds is None else f", {part.seconds:.1f} seconds"
    if part.transcript:
        return f"[Sound “{part.name}”{lasts}. What is said in it: {part.transcript}]"
    return f"[Sound “{part.name}”{lasts}. You can't hear it, and nobody wrote down what is said in it.]"


def video(part: VideoPart) -> str:
    """A film in words: what is to be seen in it, where that is known."""
    lasts = "" if part.seconds is None else f", {part.seconds:.1f} seconds"
    seen = f" It shows: {part.caption}" if part.caption else ""
    return f"[Video “{part.name}”{lasts}. You can't see it.{seen}]"


def document(part: FilePart, why: str) -> str:
    """A document of which there is no text."""
    return f"[Document “{part.name}”, {part.blob.media_type}. {why}]"


def table(part: TablePart) -> str:
    """A table in Markdown, the first `TABLE_ROWS` rows of it."""
    shown = part.rows[:TABLE_ROWS]
    width = max([len(part.columns), *(len(row) for row in shown)])
    lines = [_row((*part.columns, *[""] * (width - len(part.columns)))), _row(["---"] * width)]
    lines += [_row((*row, *[""] * (width - len(row)))) for row in shown]
    total = max(part.total_rows, len(part.rows))
    left = f"\n[the first {len(shown):,} of {total:,} rows]" if total > len(shown) else ""
    title = f"Table “{part.title}”:\n" if part.title else ""
    return title + "\n".join(lines) + left


def chart(part: ChartPart) -> str:
    """That a chart was shown, and of what kind its series are."""
    data = part.figure.get("data")
    series = [each for each in data if isinstance(each, dict)] if isinstance(data, list | tuple) else []
    kinds = dict.fromkeys(str(each.get("type", "scatter")) for each in series)
    drawn = f" ({len(series)} series: {', '.join(kinds)})" if series else ""
    return f"[Chart “{part.title}”{drawn}, shown to the person.]"


def _row(cells: tuple[Cell, ...] | list[str]) -> str:
    texts = ("" if cell is None else str(cell) for cell in cells)
    return "| " + " | ".join(" ".join(text.replace("|", "\\|").split()) for text in texts) + " |"
