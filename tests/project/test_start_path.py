"""What must not be imported before the app can serve: each of these takes tenths of seconds to ten seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.places import ROOT

SLOW = {"litellm", "openai", "sklearn", "duckdb", "polars", "pyarrow", "alembic"}


@pytest.mark.parametrize("statement", ["import app", "import core.services"])
def test_nothing_slow_is_imported_at_start(statement: str, tmp_path: Path) -> None:
    code = f"import sys\n{statement}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    home = tmp_path / "home"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GEARBOX_", "STREAMLIT_"))}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean | {"GEARBOX_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    imported = set(run.stdout.split())
    assert "core" in imported
    assert imported & SLOW == set()
    assert not home.exists(), "importing must not write anything yet"
