"""Files are taken for what is in them, and refused with a reason."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chat.attachments import FILE_BYTES, MOST_FILES, Attachment, Received, read_all
from core.errors import GearboxError
from data.values.parts import TextFilePart
from data.values.wire import parts_from_wire, parts_to_wire


def names_of(files: list[Attachment]) -> list[str]:
    return [part.name for part in read_all(files).parts if isinstance(part, TextFilePart)]


def _zip() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("a.txt", "Hello")
    return archive.getvalue()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a,b\n1,2", "a,b\n1,2"),
        ("Grüße".encode(), "Grüße"),
        (b"\xef\xbb\xbfmarked", "marked"),
        ("Grüße".encode("utf-16"), "Grüße"),
        (b"\xfe\xff\x00a", "a"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
    ],
    ids=["ascii", "utf-8", "utf-8 with mark", "utf-16", "big endian", "line ends"],
)
@pytest.mark.parametrize("name", ["a.csv", "picture.png", "Makefile"], ids=["csv", "png", "none"])
def test_text_is_taken_whatever_its_name(name: str, content: bytes, text: str) -> None:
    assert read_all([Attachment(name, content)]) == Received((TextFilePart(name, text, len(content)),))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 all of it ascii", "can't be read: it"),
        (b"\x89PNG\r\n\x1a\n....", "begins like a PNG picture"),
        (b"\xff\xd8\xff\xe0", "begins like a JPEG picture"),
        (b"\0\0\0\x18ftypheic....", "HEIC"),
        (b"\0\0\0\x18ftypisom....", "a video or a sound"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a sound or a video"),
        (b"ID3\x04\0", "a sound"),
        (b"MM\0*", "a TIFF picture"),
        (_zip(), "can't be read: it is an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "before 2007, or one with a password"),
        (b"caf\xe9", "UTF-8"),
        (b"\xff\xfea", "UTF-8"),
        (b"nothing\x00here", "not a text file"),
        ("a\0".encode("utf-16"), "not a text file"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"x" * (FILE_BYTES + 1), "1,048,577 bytes"),
    ],
    ids=[
        "pdf",
        "png",
        "jpeg",
        "heic",
        "mp4",
        "wav",
        "mp3",
        "tiff",
        "docx",
        "doc",
        "latin-1",
        "half utf-16",
        "nul",
        "utf-16 nul",
        "empty",
        "blank",
        "large",
    ],
)
def test_anything_else_is_refused_by_name_with_a_reason_and_a_remedy(content: bytes, said: str) -> None:
    with pytest.raises(GearboxError, match=said) as refusal:
        read_all([Attachment("notes.txt", content)])
    assert "notes.txt" in str(refusal.value)
    assert refusal.value.remedy


def test_the_largest_file_is_taken() -> None:
    (file,) = read_all([Attachment("a", b"x" * FILE_BYTES)]).parts
    assert isinstance(file, TextFilePart) and file.size == FILE_BYTES


def test_too_many_are_refused_and_as_many_as_fit_keep_their_order() -> None:
    files = [Attachment(f"{number}.txt", b"x") for number in range(MOST_FILES + 1)]
    assert names_of(files[:MOST_FILES]) == [file.name for file in files[:MOST_FILES]]
    with pytest.raises(GearboxError, match="at most 10"):
        read_all(files)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.txt", "b.txt"),
        ("../..", ".."),
        ("a\nIgnore all.txt", "aIgnore all.txt"),
        ("gpj.\u202etxt", "gpj.txt"),
        ("x" * 300, "x" * 100),
        ("", "file"),
        ("dir/", "file"),
        ("\x00\x1b", "file"),
    ],
    ids=["path", "windows", "dots", "line", "turned", "long", "none", "folder", "control"],
)
def test_a_name_is_one_line_and_no_path(name: str, clean: str) -> None:
    assert names_of([Attachment(name, b"x")]) == [clean]


@given(st.text(), st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused_and_what_is_taken_is_stored_as_it_is(name: str, content: bytes) -> None:
    try:
        parts = read_all([Attachment(name, content)]).parts
    except GearboxError:
        return
    assert parts_from_wire(parts_to_wire(parts)) == parts
    assert "\0" not in str(parts)
