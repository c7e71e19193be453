"""Files are taken for what is in them, and refused with a reason."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chat.attachments import FILE_BYTES, MOST_FILES, Attachment, FilesRefused, Received, read_all, take
from core.errors import GearboxError
from data.values.parts import AudioPart, TextFilePart
from data.values.wire import parts_from_wire, parts_to_wire
from tests.chat.hostile_files import picture
from tests.chat.sounds_made import m4a, mp3, ogg, wav, webm


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
@pytest.mark.parametrize("name", ["a.csv", "a.webpage", "Makefile"], ids=["csv", "unknown", "none"])
def test_text_is_taken_whatever_its_name(name: str, content: bytes, text: str) -> None:
    assert read_all([Attachment(name, content)]) == Received((TextFilePart(name, text, len(content)),))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 all of it ascii", "can't be read: it"),
        (b"\x89PNG\r\n\x1a\n....", "begins like a PNG picture"),
        (b"\xff\xd8\xff\xe0", "begins like a JPEG picture"),
        (b"\0\0\0\x18ftypheic....", "is broken"),
        (b"\0\0\0\x18ftypisom....", "a video"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a sound of no kind"),
        (b"ID3\x04\0", "a sound of no kind"),
        (b"MM\0*", "is broken"),
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


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("talk.mp3", b"Just words", "“talk.mp3” is called a sound, but holds none"),
        ("talk.OPUS", b"<html>not found</html>", "holds none that can be taken"),
        ("talk.aiff", b"FORM\0\0\0\x20AIFF", "in AIFF form"),
        ("talk.amr", b"#!AMR\n\0\0", "in AMR form"),
        ("talk.wma", b"\x30\x26\xb2\x75\x8e\x66", "Windows Media"),
        ("talk.webm", webm(codec=b"V_VP9"), "is a video"),
        ("talk.m4a", m4a(track=b"vide"), "is a video"),
        ("song.mid", b"MThd\0\0\0\6", "notes and no sound"),
    ],
    ids=["words", "a page", "aiff", "amr", "wma", "webm film", "mp4 film", "midi"],
)
def test_what_is_called_a_sound_and_is_none_is_refused_by_name(name: str, content: bytes, said: str) -> None:
    with pytest.raises(GearboxError, match=said) as refusal:
        read_all([Attachment(name, content)])
    assert {"MP3", "M4A"} <= set(re.findall(r"\w+", refusal.value.remedy))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("fake.pdf", picture("PNG"), "“fake.pdf” is called a document, but is a picture"),
        ("fake.mp3", picture("PNG"), "is called a sound, but is a picture"),
        ("photo.png", wav(), "is called a picture, but is a sound"),
        ("scan.jpg", b"%PDF-1.7\n", "is called a picture, but is a document"),
        ("clip.mp4", picture("PNG"), "is called a video, but is a picture"),
    ],
)
def test_what_is_called_something_else_than_it_is_is_refused(name: str, content: bytes, said: str) -> None:
    with pytest.raises(GearboxError, match=said) as refusal:
        read_all([Attachment(name, content)])
    assert "ending that fits" in refusal.value.remedy


def test_a_sound_is_taken_whatever_its_name() -> None:
    for name, content in (("talk.mp3", mp3()), ("talk", wav()), ("notes.txt", ogg())):
        received = read_all([Attachment(name, content)])
        (part,), (blob,) = received.parts, received.blobs
        assert isinstance(part, AudioPart) and part.name == name
        assert blob.content == content and blob.blob == part.blob


def test_a_text_that_begins_like_a_sound_is_text() -> None:
    for text in ("FORM of address", "ID3 is a tag", "RIFF, raff", "MThd"):
        (part,) = read_all([Attachment("a.txt", text.encode())]).parts
        assert isinstance(part, TextFilePart)


def test_the_largest_file_is_taken() -> None:
    (file,) = read_all([Attachment("a", b"x" * FILE_BYTES)]).parts
    assert isinstance(file, TextFilePart) and file.size == FILE_BYTES


def test_too_many_are_refused_and_as_many_as_fit_keep_their_order() -> None:
    files = [Attachment(f"{number}.txt", b"x") for number in range(3 * MOST_FILES)]
    assert names_of(files[:MOST_FILES]) == [file.name for file in files[:MOST_FILES]]
    with pytest.raises(FilesRefused, match=r"^11 files are attached; at most 10 fit.$") as refusal:
        read_all(files[: MOST_FILES + 1])
    assert [each.part.name for each in refusal.value.taken] == [file.name for file in files[: MOST_FILES + 1]]
    with pytest.raises(FilesRefused, match=r"^30 files .* The last 10 were not looked at.$"):
        read_all(files)


def test_each_refused_file_is_named_and_the_others_are_there_to_be_sent_without_being_read_again() -> None:
    files = [
        Attachment("a.txt", b"one"),
        Attachment("b.txt", b""),
        Attachment("c.wav", wav()),
        Attachment("d.txt", b""),
    ]
    with pytest.raises(FilesRefused) as refusal:
        take(files)
    assert [str(each) for each in refusal.value.refusals] == ["“b.txt” is empty.", "“d.txt” is empty."]
    assert refusal.value.explain() == "“b.txt” is empty. “d.txt” is empty. Attach another file."
    assert read_all(refusal.value.taken) == read_all([files[0], files[2]])


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


@settings(deadline=None)  # what begins like a document is read by a process of its own
@given(st.text(), st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused_and_what_is_taken_is_stored_as_it_is(name: str, content: bytes) -> None:
    try:
        parts = read_all([Attachment(name, content)]).parts
    except GearboxError:
        return
    assert parts_from_wire(parts_to_wire(parts)) == parts
    assert "\0" not in str(parts)
