"""Style, types and fences are part of the suite: what a tool complains about is the failure's message."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.places import CODE, ROOT, python_files

MODULE_LINES = 300
FUNCTION_LINES = 60

TOOLS = {
    "ruff check": ["ruff", "check", "--output-format", "concise"],
    "ruff format": ["ruff", "format", "--check"],
    "mypy": ["mypy"],
    "import contracts": ["lint-imports"],
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.timeout(600)  # mypy without its cache takes a minute or two
def test_the_tool_has_nothing_to_say(tool: str) -> None:
    program, *arguments = TOOLS[tool]
    found = shutil.which(program, path=str(Path(sys.executable).parent))
    assert found, f"{program} is not installed beside {sys.executable}"
    run = subprocess.run([found, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


def test_no_module_is_too_long() -> None:
    paths = [*python_files(*CODE), ROOT / "app.py"]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LINES} == {}


@pytest.mark.parametrize("folders", [CODE, ("tests",)], ids=["code", "tests"])
def test_no_function_is_too_long(folders: tuple[str, ...]) -> None:
    too_long = {}
    for path in [*python_files(*folders), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    too_long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert too_long == {}


def test_no_module_is_called_utils_helpers_or_manager() -> None:
    everything = [*python_files(*CODE, "tests"), *ROOT.glob("*.py")]
    assert [path for path in everything if path.stem in {"utils", "util", "helpers", "helper", "manager"}] == []
