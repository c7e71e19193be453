"""A field of a form, as `fields_of` made it of a schema."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.plain import plain
from pages.tools.fields import Field, FieldKind
from pages.tools.words import visible


def draw(place: str, field: Field) -> Any:
    """Draw it and return what it holds. `place` goes in front of its key."""
    label = plain(field.name) if field.is_needed else f"{plain(field.name)} :gray[(optional)]"
    value: Any
    common: dict[str, Any] = {"key": f"{place}-{field.name}", "help": plain(visible(field.description)) or None}
    match field.kind:
        case FieldKind.YES_NO:
            value = st.checkbox(label, bool(field.default), **common)
        case FieldKind.CHOICE:
            at = field.choices.index(field.default) if field.default in field.choices else None
            value = st.selectbox(label, field.choices, at if at is not None or not field.is_needed else 0, **common)
        case FieldKind.WHOLE:
            value = st.number_input(label, _whole(field.least), _whole(field.most), _whole(field.default), 1, **common)
        case FieldKind.NUMBER:
            default = None if field.default is None else float(field.default)
            value = st.number_input(label, field.least, field.most, default, format="%g", **common)
        case FieldKind.TEXT:
            value = st.text_input(label, field.default or "", **common)
        case _:
            hint = {FieldKind.LINES: "One on each line", FieldKind.JSON: "JSON"}.get(field.kind)
            value = st.text_area(label, field.default or "", placeholder=hint, **common)
    return value


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
