from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import VaultError, WrongKek
from core.vault.kek_file import FileKek

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")


def the_file(folder: Path) -> Path:
    (path,) = folder.glob("*.kek")
    return path


def test_there_is_none_at_first_and_one_for_good_later(tmp_path: Path) -> None:
    source = FileKek(tmp_path, "dep")
    assert source.load(1) == ()
    made = source.create(1)
    assert len(made.material) == 32
    assert source.create(1) == made
    assert source.load(1) == FileKek(tmp_path, "dep").load(1) == (made.material,)
    assert FileKek(tmp_path, "another").load(1) == ()
    assert source.load(2) == ()


@posix
def test_only_its_owner_may_read_it_whatever_the_umask_is(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        FileKek(tmp_path, "dep").create(1)
    finally:
        os.umask(before)
    assert stat.S_IMODE(the_file(tmp_path).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [the_file(tmp_path).name], "a draft stayed behind"


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o777])
def test_a_file_that_others_may_open_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    source = FileKek(tmp_path, "dep")
    source.create(1)
    the_file(tmp_path).chmod(mode)
    with pytest.raises(WrongKek) as refused:
        source.load(1)
    assert f"chmod 600 {the_file(tmp_path)}" in refused.value.remedy
    the_file(tmp_path).chmod(0o400)
    assert source.load(1)


@posix
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    source = FileKek(tmp_path, "dep")
    source.create(1)
    path = the_file(tmp_path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongKek):
        source.load(1)


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused_with_the_remedy(tmp_path: Path) -> None:
    source = FileKek(tmp_path, "dep")
    source.create(1)
    os.chown(the_file(tmp_path), 12345, -1)
    with pytest.raises(WrongKek, match="12345") as refused:
        source.load(1)
    assert f"chown {os.geteuid()} {the_file(tmp_path)}" in refused.value.remedy


def make_folder(path: Path) -> None:
    path.mkdir()


@posix
@pytest.mark.parametrize("make", [make_folder, os.mkfifo])
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    source = FileKek(tmp_path, "dep")
    source.create(1)
    path = the_file(tmp_path)
    path.unlink()
    make(path)
    with pytest.raises(WrongKek, match="not a file"):
        source.load(1)


@pytest.mark.parametrize("content", [b"", b"gearbox-kek-v1:", b"gearbox-kek-v1:c2hvcnQ=", b"x" * 32, b"\xff" * 90])
def test_something_else_is_not_taken_for_a_key(tmp_path: Path, content: bytes) -> None:
    source = FileKek(tmp_path, "dep")
    source.create(1)
    the_file(tmp_path).write_bytes(content)
    with pytest.raises(WrongKek) as refused:
        source.load(1)
    assert "c2hvcnQ" not in refused.value.explain()


def test_racing_processes_end_up_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: FileKek(tmp_path, "dep").create(1).material, range(64)))
    assert len(set(made)) == 1


def test_a_folder_that_can_not_be_written_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(VaultError) as refused:
        FileKek(tmp_path / "file", "dep").create(1)
    assert "GEARBOX_HOME" in refused.value.remedy
