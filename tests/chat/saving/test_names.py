"""Names of saved files."""

from __future__ import annotations

import random
import sys

import pytest

from core.chat.saving.names import Names, ending_of, file_name


@pytest.mark.parametrize(
    ("called", "ending", "name"),
    [
        ("A cup of tea.png", "", "A cup of tea.png"),
        ("tea.JPEG", ".jpg", "tea.JPEG.jpg"),
        ("tea.PNG", ".png", "tea.png"),
        ("../../etc/passwd", ".txt", "passwd.txt"),
        ("..\\..\\boot.ini", "", "boot.ini"),
        ("/", ".csv", "file.csv"),
        ("...", "", "file"),
        ("CON", ".txt", "file CON.txt"),
        ("lpt1.tar", ".gz", "file lpt1.tar.gz"),
        ('a:b*c?<d>|"e"\n\x00.svg', ".svg", "a b c d e.svg"),
        ("Überblick – 漢字", ".md", "Überblick 漢字.md"),
        ("\u202egnp.exe", ".png", "gnp.exe.png"),
        ("x" * 300, ".md", "x" * 60 + ".md"),
    ],
)
def test_a_name_is_one_that_any_system_takes(called: str, ending: str, name: str) -> None:
    assert file_name(called, ending) == name


def test_whatever_it_is_called_it_stays_in_its_folder() -> None:
    rng = random.Random(seed := random.randrange(10**6))
    for _ in range(2_000):
        called = "".join(chr(rng.choice([rng.randrange(0x250), rng.randrange(sys.maxunicode)])) for _ in range(9))
        name = file_name(called.encode("utf-8", "ignore").decode(), rng.choice(["", ".png"]))
        assert name and not set('/\\:*?"<>|\0\n') & set(name) and name.strip(". ") == name, (seed, called)


def test_each_file_of_a_folder_has_a_name_of_its_own() -> None:
    names = Names()
    assert [names.take(each) for each in ("a.png", "A.png", "a.png", "b.png")] == [
        "a.png", "A 2.png", "a 3.png", "b.png",
    ]  # fmt: skip


def test_endings_go_with_what_is_in_a_file() -> None:
    assert (ending_of("image/jpeg"), ending_of("audio/wav; rate=8000"), ending_of("x/y")) == (".jpg", ".wav", "")
