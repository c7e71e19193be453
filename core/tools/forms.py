"""Forms that servers have a person fill in: their fields, read from a flat schema, and what may stand in them.

The schema is what the protocol allows for it: texts with a format, numbers, yes or no, one or several of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from core.errors import GearboxError

MOST_FIELDS = 30
_MOST_CHOICES = 200
_LONGEST = 10_000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_SECRET = re.compile(
    r"pass\s*(?:word|phrase|code)|\bpwd\b|\bpin\b|secret|credential|token|api[\s_-]*key|private[\s_-]*key|card|\bcvv\b"
    r"|\biban\b|\bssn\b",
    re.IGNORECASE,
)


class FormKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    EMAIL = "email"
    URI = "uri"
    DATE = "date"
    MOMENT = "date-time"
    NUMBER = "number"
    WHOLE = "integer"
    YES_NO = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. `choices` are values with what people call them.

    `least` and `most` are of a number's size, of a text's length, or of how many are chosen.
    """

    name: str
    kind: FormKind
    title: str
    description: str = ""
    is_needed: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def seems_secret(self) -> bool:
        """Whether it asks for what nobody should enter here."""
        return bool(_SECRET.search(f"{self.name} {self.title} {self.description}"))


def form_of(schema: Mapping[str, Any]) -> tuple[FormField, ...]:
    """The fields, in the schema's order.

    Raises:
        GearboxError: it is no flat form; the message says why.
    """
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or len(properties) > MOST_FIELDS:
        raise GearboxError(f"A form has properties, at most {MOST_FIELDS}.")
    needed = schema.get("required")
    needed = needed if isinstance(needed, list) else []
    return tuple(_field(str(name), each, name in needed) for name, each in properties.items())


def filled(fields: Sequence[FormField], values: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, as the schema wants it; empty fields that are not needed are left out.

    Raises:
        GearboxError: something is missing, or does not fit; the message names every such field.
    """
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for field in fields:
        value = values.get(field.name)
        if value in (None, "", []):
            if field.is_needed:
                wrong.append(f"{field.title} is empty")
            continue
        try:
            found[field.name] = _checked(field, value)
        except ValueError as error:
            wrong.append(f"{field.title} {error}")
    if wrong:
        raise GearboxError(f"{'; '.join(wrong)}.")
    return found


def _field(name: str, schema: Any, is_needed: bool) -> FormField:
    if not isinstance(schema, Mapping):
        raise GearboxError(f"The field {name} has no schema.")
    kind, choices = _kind(name, schema)
    least, most = {
        FormKind.NUMBER: ("minimum", "maximum"),
        FormKind.WHOLE: ("minimum", "maximum"),
        FormKind.CHOICES: ("minItems", "maxItems"),
    }.get(kind, ("minLength", "maxLength"))
    title, described = schema.get("title"), schema.get("description")
    field = FormField(
        name,
        kind,
        title if isinstance(title, str) and title.strip() else name,
        described if isinstance(described, str) else "",
        is_needed,
        None,
        choices,
        _number(schema.get(least)),
        _number(schema.get(most)),
    )
    return _with_default(field, schema.get("default"))


def _kind(name: str, schema: Mapping[str, Any]) -> tuple[FormKind, tuple[tuple[str, str], ...]]:
    kind = schema.get("type")
    if choices := _choices(schema):
        return FormKind.CHOICE, choices
    if kind == "array" and (choices := _choices(schema.get("items"))):
        return FormKind.CHOICES, choices
    if kind == "string":
        format_ = schema.get("format")
        of_text = {FormKind.EMAIL, FormKind.URI, FormKind.DATE, FormKind.MOMENT}
        return next((each for each in of_text if each.value == format_), FormKind.TEXT), ()
    for plain in (FormKind.NUMBER, FormKind.WHOLE, FormKind.YES_NO):
        if kind == plain.value:
            return plain, ()
    raise GearboxError(f"The field {name} is of a type that a form can't have.")


def _choices(schema: Any) -> tuple[tuple[str, str], ...]:
    """Of `enum` (with `enumNames`, as it was once), or of `oneOf` and `anyOf` with titles."""
    if not isinstance(schema, Mapping):
        return ()
    values = schema.get("enum")
    if isinstance(values, list) and all(isinstance(each, str) for each in values):
        names = schema.get("enumNames")
        names = names if isinstance(names, list) and len(names) == len(values) else values
        return tuple((value, str(name)) for value, name in zip(values, names, strict=True))[:_MOST_CHOICES]
    titled = schema.get("oneOf") or schema.get("anyOf")
    if isinstance(titled, list) and all(isinstance(each, Mapping) and "const" in each for each in titled):
        return tuple((str(each["const"]), str(each.get("title") or each["const"])) for each in titled)[:_MOST_CHOICES]
    return ()


def _with_default(field: FormField, default: Any) -> FormField:
    try:
        return replace(field, default=None if default is None else _checked(field, default))
    except (ValueError, TypeError):
        return field


def _checked(field: FormField, value: Any) -> Any:
    """The value as it is sent. Raises ValueError with the words that come after the field's title."""
    match field.kind:
        case FormKind.YES_NO:
            return _of(bool, value)
        case FormKind.NUMBER | FormKind.WHOLE:
            return _sized(field, value)
        case FormKind.CHOICE:
            return _chosen(field, [value])[0]
        case FormKind.CHOICES:
            return _counted(field, _chosen(field, _of(list, value)))
        case _:
            return _text(field, _of(str, value))


def _of(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise ValueError("has a value of the wrong type")
    return value


def _sized(field: FormField, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("is no number")
    if field.kind is FormKind.WHOLE:
        if value != int(value):
            raise ValueError("is no whole number")
        value = int(value)
    if field.least is not None and value < field.least:
        raise ValueError(f"is less than {field.least:g}")
    if field.most is not None and value > field.most:
        raise ValueError(f"is more than {field.most:g}")
    sized: float | int = value
    return sized


def _chosen(field: FormField, values: list[Any]) -> list[str]:
    known = {value for value, _ in field.choices}
    if not all(isinstance(value, str) and value in known for value in values):
        raise ValueError("is none of the choices")
    return values


def _counted(field: FormField, values: list[str]) -> list[str]:
    if field.least is not None and len(values) < field.least:
        raise ValueError(f"needs at least {field.least:g}")
    if field.most is not None and len(values) > field.most:
        raise ValueError(f"takes at most {field.most:g}")
    return values


def _text(field: FormField, value: str) -> str:
    if len(value) > (most := _LONGEST if field.most is None else field.most):
        raise ValueError(f"has more than {most:g} characters")
    if field.least is not None and len(value) < field.least:
        raise ValueError(f"has less than {field.least:g} characters")
    if why := _FORMATS.get(field.kind, lambda _: "")(value):
        raise ValueError(why)
    return value


def _email(value: str) -> str:
    return "" if _EMAIL.fullmatch(value) else "is no email address"


def _uri(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    is_one = parts.scheme and (parts.netloc or parts.path) and not re.search(r"\s", value)
    return "" if is_one else "is no address, like https://example.org"


def _date(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "is no date, like 2026-11-29"
    return "" if len(value) == len("2026-11-29") else "is no date, like 2026-11-29"


def _moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = datetime.min
    return "" if moment.tzinfo else "is no date and time with a zone, like 2026-11-29T14:30:00Z"


_FORMATS = {FormKind.EMAIL: _email, FormKind.URI: _uri, FormKind.DATE: _date, FormKind.MOMENT: _moment}


def _number(value: Any) -> float | None:
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53
    return float(value) if is_one else None
