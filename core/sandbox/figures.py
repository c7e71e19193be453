"""Numbers of a prompt as a table, from CSV, Markdown, names with numbers, bare numbers; and what to say of them."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from itertools import groupby

MAX_ROWS = 200
_MOST_CHARS, _PROSE_CHARS, _LINE_CHARS = 60_000, 8_000, 4_000
_NUMBER = re.compile(r"^[-+]?[$€£]?\s*\d[\d,.]*\s*(?:%|[kKmM])?$")
_PAIR = re.compile(
    r"([^\W\d_][\w .'’/-]{0,40}?)\s*(?:[:=]|\bis\b|\bwas\b|\bwith\b|\()?\s*([-+]?[$€£]?\d[\d.,]*\d|\d)(?![\w-])\s*(%?)"
)
_BARE = re.compile(r"(?<![\w.,-])[-+]?\d+(?:[.,]\d+)?(?![\w-])")
_RULE = re.compile(r"^[\s|:-]+$")
_JOINS = re.compile(
    r"^(?:(?:and|und|et|y|e|then|the|in|of|a|an|with|for|from|to|values?|numbers?|data|at)\s+)+", re.IGNORECASE
)
_BEFORE = re.compile(
    r".*\b(?:of|for|about|from|with|with:|these|values?|numbers?|chart|graph|plot|line|bar|pie)\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Figures:
    """A table: the first column names the rows, the others are numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]

    @property
    def labels(self) -> list[str]:
        """The first column."""
        return [str(row[0]) for row in self.rows]

    def numbers(self, column: int = 1) -> list[float]:
        """A column of numbers."""
        return [float(row[column]) for row in self.rows]


def figures_in(text: str) -> Figures | None:
    """The first table of numbers in a text; None where it has fewer than two numbers."""
    text = text[:_MOST_CHARS]
    if (table := _table(text)) is not None:
        return table
    pairs, bare = _pairs(text[:_PROSE_CHARS]), _bare(text[:_PROSE_CHARS])
    distinct = len({row[1] for row in bare.rows}) if bare else 0
    return pairs if pairs and len(pairs.rows) * 2 > distinct else bare or pairs


def table_in(text: str) -> Figures | None:
    """The largest table of a text, in CSV, Markdown or with tabs."""
    return _table(text[:_MOST_CHARS])


def sample(prompt: str) -> Figures:
    """Numbers where a prompt has none: made up from its hash, and called so."""
    digest = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()
    names = ("January", "February", "March", "April", "May", "June")
    return Figures(("month", "sample"), tuple((name, float(10 + digest[at] % 90)) for at, name in enumerate(names)))


def remarks(found: Figures) -> str:
    """What the numbers say, in plain sentences."""
    said = []
    for place, name in enumerate(found.columns[1:], 1):
        values, labels = found.numbers(place), found.labels
        top, low = max(range(len(values)), key=values.__getitem__), min(range(len(values)), key=values.__getitem__)
        mean = sum(values) / len(values)
        said.append(
            f"{name.capitalize()} is highest for {labels[top]} ({values[top]:g}) and lowest for {labels[low]} "
            f"({values[low]:g}); over {len(values)} values the mean is {mean:g} and the sum {sum(values):g}."
        )
        if len(values) > 2:
            change = values[-1] - values[0]
            way = "up" if change > 0 else "down" if change < 0 else "level"
            said.append(f"From {labels[0]} to {labels[-1]} it goes {way}{f' by {abs(change):g}' if change else ''}.")
    return " ".join(said[:6])


def _table(text: str) -> Figures | None:
    """The longest run of lines that part into the same number of fields, with numbers in one of them at least."""
    best: Figures | None = None
    short = [line if len(line) <= _LINE_CHARS else "" for line in text.splitlines()]
    for mark in ("|", "\t", ";", ","):
        lines = [line.strip().strip("|") if mark == "|" else line.strip() for line in short]
        parted = [
            next(csv.reader([line], delimiter=mark), []) if line else []
            for line in lines
            if not _RULE.match(line) or not line
        ]
        for width, run in groupby(parted, key=len):
            rows = [[field.strip() for field in row] for row in run]
            found = _read(rows) if width > 1 and len(rows) > 2 else None
            if found and (best is None or len(found.rows) * len(found.columns) > len(best.rows) * len(best.columns)):
                best = found
    return best


def _read(rows: list[list[str]]) -> Figures | None:
    head, *body = rows[: MAX_ROWS + 1]
    if any(_NUMBER.match(field) for field in head[1:]):
        head, body = [f"column {place}" for place in range(len(head))], rows[:MAX_ROWS]
    numeric = [at for at in range(len(head)) if all(_NUMBER.match(row[at]) for row in body)]
    names = [at for at in range(len(head)) if at not in numeric]
    first = names[0] if names else numeric[0]
    numeric = [at for at in numeric if at != first]
    if not numeric:
        return None
    columns = tuple(dict.fromkeys([head[first] or "name", *(head[at] or f"column {at}" for at in numeric)]))
    if len(columns) <= len(numeric):
        return None
    return Figures(columns, tuple((row[first], *(_number(row[at]) for at in numeric)) for row in body))


def _pairs(text: str) -> Figures | None:
    found: dict[str, float] = {}
    for name, number, _ in _PAIR.findall(text):
        label = _JOINS.sub("", _BEFORE.sub("", name.strip(" ,.'-"))).strip()
        if label and len(label.split()) <= 4 and not _JOINS.match(f"{label} "):
            found.setdefault(label, _number(number))
    return Figures(("name", "value"), tuple(found.items())[:MAX_ROWS]) if len(found) > 1 else None


def _bare(text: str) -> Figures | None:
    numbers = [_number(each) for each in _BARE.findall(text)][:MAX_ROWS]
    rows = tuple((str(place), number) for place, number in enumerate(numbers, 1))
    return Figures(("number", "value"), rows) if len(rows) > 1 else None


def _number(text: str) -> float:
    """Of thousands with commas or points, and decimals of either kind."""
    digits = re.sub(r"[^\d.,-]", "", text)
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0 and len(digits) - last - 1 != 3:
        digits = re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    elif last >= 0 and digits[last] == "." and digits.count(".") == 1 and not digits.startswith("0"):
        pass
    else:
        digits = re.sub(r",", "", digits)
        digits = digits.replace(".", "") if digits.count(".") > 1 else digits
    factor = {"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6}.get(text.strip()[-1:], 1.0)
    try:
        return float(digits) * factor
    except ValueError:
        return 0.0
