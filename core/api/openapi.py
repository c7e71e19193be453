"""The OpenAPI 3.1 document, read off the routes: schemas are those of the types that they read and give."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from core.api.described import JSON, DescribedRoute
from core.api.openapi_parts import COMMON, HEADERS, INTRODUCTION, PROBLEM, SECURITY_SCHEMES, failures, told_headers
from core.api.v1.shapes import FailureBody

Document = dict[str, Any]
_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_REFERENCE = "#/components/schemas/{model}"
_MOST_ID_CHARS, _MOST_MODEL_CHARS = 64, 240


class _Schemas(GenerateJsonSchema):
    def normalize_name(self, name: str) -> str:
        """A name without the underscore of a private class."""
        return super().normalize_name(name).strip("_")


def document(routes: Iterable[DescribedRoute]) -> Document:
    """Everything that these routes take and give."""
    routes = list(routes)
    schemas, components = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_SLOT.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route, schemas)
    areas = {route.told.area: route.told.answer.__module__ for route in routes}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gearbox",
            "version": "v1",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": area, "description": _about(module)} for area, module in areas.items()],
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": PROBLEM},
            "securitySchemes": SECURITY_SCHEMES,
            "headers": HEADERS,
            "responses": COMMON,
        },
    }


def _schemas(routes: list[DescribedRoute]) -> tuple[Mapping[Any, Any], dict[str, Any]]:
    """The schema of each type by (type, mode), and those that they refer to."""
    wanted: dict[tuple[Any, Literal["validation", "serialization"]], TypeAdapter[Any]] = {}
    for told in (route.told for route in routes):
        for read in filter(None, (told.body, told.query)):
            wanted[read, "validation"] = TypeAdapter(read)
        if (given := told.result()) is not None and JSON in told.media:
            wanted[_key(given), "serialization"] = TypeAdapter(given)
    wanted[_key(FailureBody), "serialization"] = TypeAdapter(FailureBody)
    inputs = [(key, mode, adapter) for (key, mode), adapter in wanted.items()]
    made, rest = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCE, schema_generator=_Schemas)
    queries = {each.told.query.__name__.strip("_") for each in routes if each.told.query}
    return made, {name: _tidied(each) for name, each in sorted(rest["$defs"].items()) if name not in queries}


def _operation(route: DescribedRoute, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    told = route.told
    summary, _, rest = inspect.cleandoc(told.answer.__doc__ or "").partition("\n")
    made: dict[str, Any] = {
        "tags": [told.area],
        "operationId": f"{told.area}_{told.answer.__name__.strip('_')}",
        "summary": summary.rstrip("."),
    }
    if rest.strip():
        made["description"] = rest.strip()
    if told.needs is None:
        made["security"] = []
    else:
        made["security"] = [{way: [need] if need else []} for way in told.ways_in for need in told.needs or ("",)]
    if parameters := [*_path_parameters(route.path), *_query_parameters(told.query)]:
        made["parameters"] = parameters
    if told.body is not None:
        needed = any(field.is_required() for field in told.body.model_fields.values())
        schema = schemas[told.body, "validation"]
        made["requestBody"] = {"required": needed, "content": {told.takes: {"schema": schema}}}
    made["responses"] = _responses(route, schemas)
    return made


def _responses(route: DescribedRoute, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    told = route.told
    content = {}
    for media in told.media if told.status != 204 else ():
        given = told.result()
        structured = media == JSON and given is not None
        content[media] = {"schema": schemas[_key(given), "serialization"] if structured else {"type": "string"}}
    good: dict[str, Any] = {"description": "As asked.", "headers": told_headers(route)}
    if content:
        good["content"] = content
    unchanged = {"304": {"description": "Not changed since.", "headers": told_headers(route)}} if told.etag else {}
    if route.path == "/readyz":
        return {"200": good, "503": {**good, "description": "A needed part has failed."}}
    return {str(told.status): good, **unchanged, **failures(route)}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    made = []
    for name, kind in _SLOT.findall(path):
        most = _MOST_MODEL_CHARS if kind == "path" else _MOST_ID_CHARS
        number = {"type": "integer", "minimum": 0}
        schema = number if kind == "int" else {"type": "string", "minLength": 1, "maxLength": most}
        words = {"description": "An id, `provider/name`; names may contain slashes."} if kind == "path" else {}
        made.append({"name": name, "in": "path", "required": True, "schema": schema, **words})
    return made


def _query_parameters(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    whole = query.model_json_schema(ref_template=_REFERENCE)
    required = set(whole.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _tidied(_present(schema))}
        for name, schema in whole.get("properties", {}).items()
    ]


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """A query's parameter is left out where it is null."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    plain = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    if not kinds:
        return plain
    return {**plain, **kinds[0]} if len(kinds) == 1 else {**plain, "anyOf": kinds}


def _tidied(schema: dict[str, Any]) -> dict[str, Any]:
    """Without titles, which are names of fields with spaces, or of private classes."""
    return {
        name: {each: _tidied(inner) if isinstance(inner, dict) else inner for each, inner in value.items()}
        if name in {"properties", "$defs"}
        else _tidied(value)
        if isinstance(value, dict)
        else [_tidied(each) if isinstance(each, dict) else each for each in value]
        if isinstance(value, list)
        else value
        for name, value in schema.items()
        if name != "title" or not isinstance(value, str)
    }


def _key(given: Any) -> Any:
    """Types such as `list[X]` have no identity of their own."""
    return str(given) if not isinstance(given, type) else given


def _about(module: str) -> str:
    return (sys.modules[module].__doc__ or "").strip().partition("\n")[0]
