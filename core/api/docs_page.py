"""The OpenAPI document as one page for people: no script, nothing from elsewhere, for phones and the dark, too."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from core.api.docs_style import STYLE
from core.api.problems import KINDS

POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
Schema = Mapping[str, Any]
_REFERENCE = "#/components/schemas/"


_TITLES = {
    "ui_chat": "Chats of the AI SDK",
    "chat": "Chat completions",
    "models": "Models that can be called",
    "operations": "Vectors, speech",
    "pictures": "Pictures",
    "rerank": "Ranking of texts",
    "documents": "This description",
    "registry": "Registry of models",
    "tokens": "Tokens and sessions",
    "connections": "Connections",
}
"""Headings of areas whose own name says less."""


def docs_page(document: Schema) -> str:
    """The whole page."""
    operations = [
        (path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()
    ]
    areas = [(tag, [each for each in operations if tag["name"] in each[2]["tags"]]) for tag in document["tags"]]
    areas.sort(key=lambda area: _title(area[0]["name"]))
    links = [(f"area-{tag['name']}", _title(tag["name"])) for tag, _ in areas]
    links += [("problems", "Problems"), ("schemas", "Schemas")]
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark"><title>Gearbox API</title>',
            f"<style>{STYLE}</style></head><body>",
            f"<header><h1>Gearbox API</h1><p>{_text(document['info']['description'])}</p>",
            '<p>The same for programs: <a href="/api/openapi.json">OpenAPI 3.1</a>.</p></header><nav>',
            *(f'<a href="#{anchor}">{escape(words)}</a>' for anchor, words in links),
            "</nav><main>",
            *(_area(tag, found, document["components"]["schemas"]) for tag, found in areas),
            _problems(),
            '<section id="schemas"><h2>Schemas</h2>',
            *(_schema(name, schema) for name, schema in document["components"]["schemas"].items()),
            "</section></main></body></html>",
        )
    )


def _title(area: str) -> str:
    return _TITLES.get(area, area.capitalize())


def _area(tag: Schema, operations: Iterable[tuple[str, str, Schema]], schemas: Schema) -> str:
    told = "".join(_operation(path, method, operation, schemas) for path, method, operation in operations)
    words = _text(tag["description"])
    return f'<section id="area-{tag["name"]}"><h2>{escape(_title(tag["name"]))}</h2><p>{words}</p>{told}</section>'


def _operation(path: str, method: str, operation: Schema, schemas: Schema) -> str:
    parts = []
    if words := operation.get("description"):
        parts.append(f"<p>{_text(words)}</p>")
    parts.append(f"<p>Needs: {_needs(operation['security'])}.</p>")
    if parameters := operation.get("parameters"):
        named = {each["name"]: {**each["schema"], "in": each["in"]} for each in parameters}
        required = [each["name"] for each in parameters if each["required"]]
        parts.append("<h4>Parameters</h4>" + _fields(named, required))
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        whole = schemas[schema["$ref"].removeprefix(_REFERENCE)] if "$ref" in schema else schema
        parts.append(f"<h4>Body, <code>{escape(media)}</code></h4>")
        parts.append(_fields(whole.get("properties", {}), whole.get("required", ())))
    parts.append("<h4>Answers</h4>" + _answers(operation["responses"]))
    head = f'<span class="method {method}">{method.upper()}</span> <code>{escape(path)}</code>'
    summary = f"<summary>{head} <span>{_text(operation['summary'])}</span></summary>"
    # The anchor stands within, so that browsers open what they are led to.
    return f'<details>{summary}<div id="{escape(operation["operationId"])}">{"".join(parts)}</div></details>'


def _needs(security: Iterable[Schema]) -> str:
    ways = [(way, scopes) for each in security for way, scopes in each.items()]
    if not ways:
        return "nothing"
    scopes = dict.fromkeys(scope for _, given in ways for scope in given)
    by = " or ".join("a token" if way == "token" else "a session" for way in dict.fromkeys(way for way, _ in ways))
    named = " or ".join(f"<code>{escape(scope)}</code>" for scope in scopes)
    return f"{by} with {named}" if named else by


def _answers(responses: Schema) -> str:
    rows = []
    for status, response in responses.items():
        if "$ref" in response:
            continue  # the failures that all routes have in common
        content = response.get("content", {})
        kinds = "; ".join(f"<code>{escape(media)}</code> {_kind(each['schema'])}" for media, each in content.items())
        rows.append(f"<dt>{escape(status)}</dt><dd>{_text(response['description'])} {kinds}</dd>")
    failed = ", ".join(status for status, response in responses.items() if "$ref" in response)
    if failed:
        rows.append(f'<dt>else</dt><dd>{failed}: see <a href="#problems">problems</a></dd>')
    return f"<dl>{''.join(rows)}</dl>"


def _fields(properties: Schema, required: Iterable[str]) -> str:
    rows = []
    for name, schema in properties.items():
        needed = " <em>required</em>" if name in required else ""
        place = f" in the {schema['in']}" if "in" in schema else ""
        words = f"<br>{_text(schema['description'])}" if schema.get("description") else ""
        rows.append(f"<dt><code>{escape(name)}</code></dt><dd>{_kind(schema)}{place}{needed}{words}</dd>")
    return f"<dl>{''.join(rows)}</dl>" if rows else "<p>No fields.</p>"


def _kind(schema: Schema) -> str:
    """The type in a few words, with links to schemas."""
    if reference := schema.get("$ref"):
        name = escape(reference.removeprefix(_REFERENCE))
        return f'<a href="#schema-{name}">{name}</a>'
    if "enum" in schema or "const" in schema:
        return " | ".join(f"<code>{escape(str(each))}</code>" for each in schema.get("enum", [schema.get("const")]))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(_kind(each) for each in schema[several])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    limits = [
        f"{words} {schema[name]}"
        for name, words in (("minimum", "at least"), ("maximum", "at most"), ("maxLength", "at most characters:"))
        if name in schema
    ]
    if schema.get("default") not in ("", None):
        limits.append(f"by default <code>{escape(str(schema['default']))}</code>")
    return ", ".join([escape(f"{kind} ({schema['format']})" if "format" in schema else str(kind)), *limits])


def _schema(name: str, schema: Schema) -> str:
    words = f"<p>{_text(schema['description'])}</p>" if schema.get("description") else ""
    inner = _fields(schema["properties"], schema.get("required", ())) if "properties" in schema else _kind(schema)
    title = f"<summary><code>{escape(name)}</code></summary>"
    return f'<details>{title}<div id="schema-{escape(name)}">{words}{inner}</div></details>'


def _problems() -> str:
    rows = [
        f'<dt id="problem-{kind.name}">{kind.status} <code>{kind.name}</code></dt>'
        f"<dd>{_text(kind.title)}. {_text(kind.remedy)}</dd>"
        for kind in KINDS
    ]
    words = (
        "<p>Errors of <code>/api</code> are <code>application/problem+json</code> (RFC 9457) with a remedy; those of "
        "<code>/v1</code> have OpenAI's form.</p>"
    )
    return f'<section id="problems"><h2>Problems</h2>{words}<dl>{"".join(rows)}</dl></section>'


def _text(words: str) -> str:
    """Escaped; what is between backticks is code."""
    pieces = escape(words).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))
