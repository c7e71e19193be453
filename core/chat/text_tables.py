"""Tables that a model wrote into its text, in Markdown: as tables that can be sorted and taken along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from data.values.media import Cell
from data.values.parts import TablePart

if TYPE_CHECKING:
    from markdown_it.token import Token

_LOOKS_LIKE_ONE = re.compile(r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*$", re.MULTILINE)
"""The line below a head. Most texts have none, and are not read further."""

_NUMBER = re.compile(r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_MOST_CHARS, _MOST_TABLES, _MOST_ROWS = 200_000, 20, 5_000
_REMEMBERED = 128


def tables_in(text: str) -> tuple[TablePart, ...]:
    """Those of a text, in order, that have at least two rows; their cells without marks, numbers as numbers.

    A column is one of numbers only if every cell of it is, so that none is sorted otherwise than it reads.
    """
    if len(text) > _MOST_CHARS or not _LOOKS_LIKE_ONE.search(text):
        return ()
    return _read(text)


@lru_cache(maxsize=_REMEMBERED)  # a page draws an answer many times
def _read(text: str) -> tuple[TablePart, ...]:
    from markdown_it import MarkdownIt  # at the first table

    tokens = iter(MarkdownIt("commonmark").enable("table").parse(text))
    found = (_table(list(takewhile(lambda each: each.type != "table_close", tokens))) for _ in _starts(tokens))
    several = (table for table in found if len(table.rows) > 1)
    return tuple(table for table, _ in zip(several, range(_MOST_TABLES), strict=False))


def _starts(tokens: Iterator[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.type == "table_open")


def _table(tokens: list[Token]) -> TablePart:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_words(token))
    head, *body = rows
    columns = [_numbers([row[place] for row in body]) for place in range(len(head))]
    kept = list(zip(*columns, strict=True))[:_MOST_ROWS] if body else []
    return TablePart("", tuple(head), tuple(kept), len(body))


def _words(cell: Token) -> str:
    """What a reader sees of a cell."""
    return "".join(" " if each.type in {"softbreak", "hardbreak"} else each.content for each in cell.children or ())


def _numbers(cells: list[str]) -> list[Cell]:
    """The cells of a column as numbers, if that is what they are; an empty one is none."""
    said = [cell.strip() for cell in cells]
    if not any(said) or not all(_NUMBER.fullmatch(cell) for cell in said if cell):
        return [cell or None for cell in said]
    plain = [cell.replace(",", "").replace("−", "-") for cell in said]
    if any(len(cell) > 1 and cell.lstrip("+-").startswith("0") and "." not in cell for cell in plain):
        return [cell or None for cell in said]  # codes: a number would lose its zeros
    if any("." in cell for cell in plain):
        return [float(cell) if cell else None for cell in plain]
    return [int(cell) if cell else None for cell in plain]
