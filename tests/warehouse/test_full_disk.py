"""A full disk: what happens is kept, the page says so, and it goes on when there is room."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouse.on_a_full_disk import CALLS

_ALONE = ("unshare", "--mount")  # a disk that nobody else sees, and that is gone with the process


def _may_mount(folder: Path) -> bool:
    mount = [*_ALONE, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    return bool(shutil.which("unshare")) and subprocess.run(mount, capture_output=True, check=False).returncode == 0


@pytest.mark.campaign
def test_what_does_not_fit_waits_and_is_counted_when_there_is_room(tmp_path: Path, sqlite_url: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not _may_mount(disk):
        pytest.skip("needs the right to mount")
    child = f"exec {sys.executable} -m tests.warehouse.on_a_full_disk {sqlite_url} {disk}"
    done = subprocess.run(
        [*_ALONE, "sh", "-c", f"mount -t tmpfs -o size=8m tmpfs {disk} && {child}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "waiting": CALLS,
        "error": "The disk with the usage warehouse is full.",
        "remedy": "Free some space; counting resumes.",
        "readable": 0,
        "then": 0,
        "then_error": "",
    }
