"""JSON that a schema allows, with the numbers of a prompt where the schema has a place for a table or a series."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.sandbox.directives import without_directives
from core.sandbox.figures import Figures, figures_in, sample, table_in
from core.sandbox.plausible import parted
from core.sandbox.script import last_prompt, text_of
from core.sandbox.shapes import at, example_of
from core.sandbox.vocabulary import Lexicon, plain_words

_KINDS = Lexicon(
    {
        "line": "line lines linien* linie courbe* linea* trend* verlauf",
        "bar": "bar bars balken* saulen* barre* barras column* histogramme",
        "pie": "pie torte* kreis* camembert pastel tarta torta circular share* anteil*",
        "donut": "donut doughnut ring*",
        "scatter": "scatter* streu* nuage dispersion* point*",
        "area": "area flachen* aire",
        "histogram": "histogram* verteilung distribution",
        "heatmap": "heatmap*",
        "box": "box boxplot*",
    }
)
_TITLES = re.compile(r"title|caption|heading", re.IGNORECASE)
_KIND = re.compile(r"kind|type|mark|chart", re.IGNORECASE)
_LABELS = re.compile(r"labels?|categor|names|^xs?$|x_?values|x_?axis", re.IGNORECASE)
_VALUES = re.compile(r"values|numbers|^ys?$|y_?values|^data$|points|counts", re.IGNORECASE)
_SERIES = re.compile(r"series|datasets|traces|^data$|points|items", re.IGNORECASE)


def filled(schema: Any, messages: Sequence[Mapping[str, Any]]) -> Any:
    """A value for the schema, with the newest numbers of the conversation where there is a place for them."""
    plain = example_of(schema)
    if not isinstance(schema, Mapping):
        return plain
    prompt = without_directives(last_prompt(messages))
    said = [text_of(each) for each in reversed(messages) if each.get("role") in {"assistant", "user", "tool"}]
    # A table that came along, else what the request itself says, else what was said before.
    found = table_in(prompt) or next(filter(None, map(figures_in, [parted(prompt).words, prompt, *said])), None)
    title = (
        f"{', '.join(found.columns[1:])} by {found.columns[0]}" if found else "Sample numbers, made up by the sandbox"
    )
    filling = _Filling(schema, found or sample(prompt), title, tuple(plain_words(prompt)))
    value = filling.value(schema, "")
    if not filling.used:
        return plain
    from jsonschema import Draft202012Validator

    return value if Draft202012Validator(schema).is_valid(value) else plain


@dataclass(slots=True)
class _Filling:
    root: Mapping[str, Any]
    figures: Figures
    title: str
    words: tuple[str, ...]
    used: bool = False

    def value(self, schema: Any, name: str, depth: int = 0) -> Any:
        """For one place of the schema."""
        inner = self._resolved(schema)
        if depth > 6:
            return example_of(schema, self.root)
        properties = inner.get("properties") or {}
        if {"columns", "rows"} <= properties.keys():
            self.used = True
            table = {"columns": list(self.figures.columns), "rows": [list(row) for row in self.figures.rows]}
            return {key: table.get(key, example_of(each, self.root)) for key, each in properties.items()}
        if properties:
            return self._object(inner, properties, depth)
        for fits, fill in self._fillings(inner, depth):
            if fits.search(name) and (made := fill()) is not None:
                return made
        return example_of(schema, self.root)

    def _object(self, schema: Mapping[str, Any], properties: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """What it must have, and what there is something to say for; an example would name what is not there."""
        needed = schema.get("required", properties)
        made = {key: self.value(each, key, depth + 1) for key, each in properties.items()}
        return {
            key: value
            for key, value in made.items()
            if key in needed or value != example_of(properties[key], self.root)
        }

    def _fillings(self, schema: Mapping[str, Any], depth: int) -> tuple[tuple[re.Pattern[str], Callable[[], Any]], ...]:
        kind, items = schema.get("type"), self._resolved(schema.get("items") or {})
        if kind == "array" and items.get("type") == "string":
            return ((_LABELS, self._labels),)
        if kind == "array" and items.get("type") in {"number", "integer"}:
            return ((_VALUES, lambda: self._numbers(1, items)),)
        if kind == "array" and items.get("properties"):
            return ((_SERIES, lambda: self._series(items, depth)),)
        if schema.get("enum"):
            return ((_KIND, lambda: self._kind(schema["enum"])),)
        if kind == "string":
            return ((_TITLES, lambda: self.title[: int(schema.get("maxLength", 200))]),)
        return ()

    def _labels(self) -> list[str]:
        self.used = True
        return self.figures.labels

    def _numbers(self, column: int, items: Mapping[str, Any]) -> list[float]:
        self.used = True
        numbers = self.figures.numbers(column)
        return [round(number) for number in numbers] if items.get("type") == "integer" else numbers

    def _series(self, items: Mapping[str, Any], depth: int) -> list[dict[str, Any]]:
        """One object for each column where it holds a list of numbers, else one for each row."""
        properties = {key: self._resolved(each) for key, each in items["properties"].items()}
        made: list[dict[str, Any]] = []
        if any(each.get("type") == "array" for each in properties.values()):
            for column, name in enumerate(self.figures.columns[1:], 1):
                one: dict[str, Any] = {}
                for key, each in properties.items():
                    inner = self._resolved(each.get("items") or {})
                    if each.get("type") == "array" and inner.get("type") in {"number", "integer"}:
                        one[key] = self._numbers(column, inner)
                    else:
                        one[key] = name if each.get("type") == "string" else self.value(each, key, depth + 1)
                made.append(one)
            return made
        self.used = True
        for row in self.figures.rows:
            numbers = iter(row[1:])
            made.append(
                {
                    key: row[0] if each.get("type") == "string" else next(numbers, 0)
                    if each.get("type") in {"number", "integer"} else example_of(each, self.root)
                    for key, each in properties.items()
                }
            )  # fmt: skip
        return made

    def _kind(self, choices: Sequence[Any]) -> Any:
        named = [name for _, name in _KINDS.found(list(self.words)) if name in choices]
        return named[0] if named else "bar" if "bar" in choices else None

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        """Behind references, and of several possibilities the first that is not null."""
        for _ in range(6):
            if not isinstance(schema, Mapping):
                return {}
            if isinstance(reference := schema.get("$ref"), str):
                schema = at(self.root, reference)
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                left = [each for each in choices if not (isinstance(each, Mapping) and each.get("type") == "null")]
                # Of what may be left out only a place for a table is filled.
                inner = self._resolved(left[0]) if left else {}
                is_table = {"columns", "rows"} <= (inner.get("properties") or {}).keys()
                return inner if is_table or "default" not in schema else {}
            else:
                return schema
        return {}
