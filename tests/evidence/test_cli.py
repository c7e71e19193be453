"""`python -m core evidence export`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.cli import main
from tests.cli.conftest import Gearbox


@pytest.fixture
def gearbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gearbox:
    made = Gearbox(tmp_path / "home")
    made.set_up()
    monkeypatch.setenv("GEARBOX_HOME", str(made.home))
    monkeypatch.setenv("GEARBOX_KEK_SOURCE", "file")
    return made


def test_it_writes_one_file_for_its_owner(gearbox: Gearbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert main(["evidence", "export", "--out", str(out), "--since", "2026-01-01"]) == 0
    (path,) = out.iterdir()
    assert path.name.startswith("gearbox-evidence-20")
    assert path.stat().st_mode & 0o777 == 0o600
    assert zipfile.ZipFile(path).testzip() is None
    said = capsys.readouterr().out
    assert str(path) in said
    assert "The audit log is whole." in said


def test_nothing_is_overwritten_or_left_half(
    gearbox: Gearbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.zip"
    there.write_text("mine")
    assert main(["evidence", "export", "--out", str(there)]) == 2
    assert "--out" in capsys.readouterr().out
    assert there.read_text() == "mine"
    wrong = ["--since", "2026-02-01", "--until", "2026-01-01"]
    assert main(["evidence", "export", "--out", str(tmp_path / "new.zip"), *wrong]) == 2
    assert "empty" in capsys.readouterr().out
    assert main(["evidence", "export", "--out", str(tmp_path / "no folder" / "new.zip")]) == 2
    assert "can't be written" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "there.zip"]


def test_as_a_process_of_its_own(gearbox: Gearbox, tmp_path: Path) -> None:
    said = gearbox.run("evidence", "export", "--out", str(tmp_path / "evidence.zip"))
    assert said.code == 0, said.text
    assert zipfile.is_zipfile(tmp_path / "evidence.zip")
    assert "2026-11-25T14:00" in gearbox.run("evidence", "export", "--since", "yesterday").text
