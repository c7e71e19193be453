"""Commands forked from a process that has imported them: `python -m core` spends most of its seconds on imports."""

from __future__ import annotations

import atexit
import importlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.forking import Forking, serve

SECONDS = 120.0


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Like `subprocess.run` of `python -m core` with these arguments and this environment alone."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        command = _forking().start("core", arguments, environment, out=out, err=err)
        try:
            code = command.wait(SECONDS)
        except subprocess.TimeoutExpired:
            command.kill()
            command.wait(SECONDS)
            raise
        return subprocess.CompletedProcess(list(arguments), code, out.read_text(), err.read_text())


@cache
def _forking() -> Forking:
    """The one of this process, started when it is first needed."""
    started = Forking("tests.cli.forking")
    atexit.register(started.close)
    return started


if __name__ == "__main__":
    for name in ("core.cli", "core.evidence.service", "data.store.migrate"):
        importlib.import_module(name)
    serve()
