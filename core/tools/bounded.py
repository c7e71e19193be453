"""Keeps what a tool gave within bounds, and as text that every database takes."""

from __future__ import annotations

import json
from dataclasses import replace

from data.values.media import Cell
from data.values.parts import ChartPart, Part, TablePart, TextPart

TEXT_CHARS = 60_000
"""Longest text of one result that is kept: some 15,000 tokens."""

TABLE_CELLS = 20_000
"""Most cells of one table that are kept: each goes to the browser with the message."""

CHART_CHARS = 1_000_000
"""Longest chart that is kept, as JSON."""

_CELL_CHARS = 2_000


def bounded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts, none of them larger than it may be; what was left out is said."""
    left = TEXT_CHARS
    kept: list[Part] = []
    for part in parts:
        match part:
            case TextPart(text):
                fitting = _text(text, left)
                left = max(0, left - len(fitting))
                kept.append(TextPart(fitting))
            case TablePart():
                kept.append(_table(part))
            case ChartPart() if len(json.dumps(part.figure, default=str)) > CHART_CHARS:
                kept.append(TextPart(f"The chart “{part.title}” is left out: it is larger than charts may be."))
            case _:
                kept.append(part)
    return tuple(kept)


def _text(text: str, room: int) -> str:
    clean = _clean(text)
    if len(clean) <= room:
        return clean
    return f"{clean[:room]}\n[cut: the first {room:,} of {len(clean):,} characters]"


def _table(table: TablePart) -> TablePart:
    rows = table.rows[: max(1, TABLE_CELLS // max(1, len(table.columns)))]
    columns = tuple(_clean(name)[:_CELL_CHARS] for name in table.columns)
    return replace(
        table, title=_clean(table.title), columns=columns, rows=tuple(tuple(map(_cell, row)) for row in rows)
    )


def _cell(value: Cell) -> Cell:
    return _clean(value)[:_CELL_CHARS] if isinstance(value, str) else value


def _clean(text: str) -> str:
    """Without what can't be stored: PostgreSQL keeps no NUL, and UTF-8 has no halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
