"""Calls in Python's words: only literals are read, nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.tools.tool_names import Tools, known, properties_of
from core.tools.values import ReadCall

PYTHON = re.compile(r"(?:\s*#[^\n]*\n)*\s*\[?\s*(?:[A-Za-z_]\w*\s*=\s*)?(?:print\s*\(\s*)?([A-Za-z_][\w.]*)\s*\(")
"""How such calls begin."""

_JSON_NAMES: Mapping[str, Any] = {"true": True, "false": False, "null": None}


def python_calls(body: str, tools: Tools) -> list[ReadCall]:
    """The calls in a text; empty where it is none that Python could read."""
    tree = _tree(body.strip().strip("`").strip())
    if tree is None:
        return []
    made: list[ReadCall] = []
    for node in _call_nodes(tree):
        name = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"call", "run"}:
            name = ast.unparse(node.func.value)
        name = known(name, tools)
        made.append(ReadCall(name, _arguments(node, name, tools)))
    return made


def has_names(body: str) -> bool:
    """Whether a call is given anything but literals: then it shows how one is written, and is none."""
    tree = _tree(body.strip())
    given = [each for node in ast.walk(tree or ast.Module([], [])) if isinstance(node, ast.Call) for each in node.args]
    given += [
        each.value
        for node in ast.walk(tree or ast.Module([], []))
        if isinstance(node, ast.Call)
        for each in node.keywords
    ]
    return any(isinstance(each, ast.Name) and each.id.lower() not in {*_JSON_NAMES, "none"} for each in given)


def _arguments(node: ast.Call, name: str, tools: Tools) -> dict[str, Any]:
    properties = properties_of(name, tools)
    if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.Dict):
        given: dict[str, Any] = _literal(node.args[0])
        if not properties or set(given) <= set(properties):
            return given
    arguments = {each.arg: _literal(each.value) for each in node.keywords if each.arg}
    return arguments | {key: _literal(value) for key, value in zip(properties, node.args, strict=False)}


def _tree(text: str) -> ast.Module | None:
    for each in (text, f"{text})", f"{text}]", f"{text})]", f'{text}")', f'{text}")]', text.replace("\n", "\\n")):
        try:
            return ast.parse(each)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _call_nodes(tree: ast.Module) -> Iterator[ast.Call]:
    for statement in tree.body:
        value = getattr(statement, "value", None)
        for node in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id == "print":
                    yield from (each for each in node.args if isinstance(each, ast.Call))
                else:
                    yield node


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return _JSON_NAMES.get(node.id, node.id)
    if isinstance(node, ast.Dict):
        return {str(_literal(key)): _literal(value) for key, value in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_literal(each) for each in node.elts]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return ast.unparse(node)
