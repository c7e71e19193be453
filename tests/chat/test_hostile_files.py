"""Files that are made to harm are refused with a reason or taken right, in bounded time and memory."""

from __future__ import annotations

import io
import resource

import pytest
from PIL import Image

from core.chat.attachments import Attachment, FilesRefused, Taken, take
from core.errors import GearboxError
from data.documents.office import OPEN_SLIDES, OPEN_TEXT
from data.query import DataFile, Queries, QueryError
from data.values.parts import FilePart, ImagePart, TextFilePart
from tests.chat import hostile_files as made
from tests.documents.made import archive, pdf


def taken(content: bytes, name: str = "a") -> Taken:
    (file,) = take([Attachment(name, content)])
    return file


def refusal_of(content: bytes, name: str) -> GearboxError:
    with pytest.raises(FilesRefused) as refused:
        take([Attachment(name, content)])
    (refusal,) = refused.value.refusals
    assert f"“{name}”" in str(refusal) and refusal.remedy
    return refusal


_ENDLESS = made.pdf_of(made.CATALOGUE, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999999 >>")
_PAGES = made.pdf_of(made.CATALOGUE, b"<< /Type /Pages /Kids [%s] /Count 1000000 >>" % (b"3 0 R " * 10**6))
_DEEP = made.pdf_of(b"<< /Type /Catalog /Pages " + b"[" * 100_000 + b"]" * 100_000 + b" >>")
BOMBS = {
    "jpeg drawn over and over": ("a.jpg", lambda: made.jpeg_of_scans(500), "over and over"),
    "gif beyond its screen": ("a.gif", made.gif_beyond_its_screen, "pixels"),
    "word of 200 MB": ("a.docx", lambda: made.zip_of_zeros("word/document.xml", 200), "more than can be unpacked"),
    "excel that lists one file 200 times": (
        *("a.xlsx", lambda: made.zip_of_one_file_many_times(b"xl/workbook.xml", 4, 200)),
        "more than can be unpacked",
    ),
    "archives in archives": ("a.docx", lambda: archive({"a.zip": archive({"b.zip": archive({"c": "x"})})}), "archive"),
    "pages that are their own parents": ("a.pdf", lambda: _ENDLESS, "damaged"),
    "a million pages": ("a.pdf", lambda: _PAGES, "damaged"),
    "nested without end": ("a.pdf", lambda: _DEEP, "damaged"),
}


@pytest.mark.parametrize(("name", "make", "said"), BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused(name: str, make: object, said: str) -> None:
    assert callable(make)
    assert said in str(refusal_of(make(), name))


def test_bombs_beside_what_is_read_do_no_harm() -> None:
    animation, written = taken(made.gif_of_frames(10_000)).part, taken(made.png_with_a_text_of(100)).part
    assert isinstance(animation, ImagePart) and (animation.width, animation.height) == (8, 8)
    assert isinstance(written, ImagePart) and (written.width, written.height) == (40, 30)
    unpacking = taken(made.pdf_that_unpacks_to(100))
    assert isinstance(unpacking.part, FilePart) and unpacking.blob is not None and not unpacking.blob.text


def test_the_memory_for_a_huge_picture_is_not_the_apps() -> None:
    content = made.png_of_zeros(6_000)  # 144 MB of pixels
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    part = taken(content).part
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert isinstance(part, ImagePart) and (part.width, part.height) == (2_000, 2_000)
    assert grown < 100 * 1024, f"{grown:,} kB"


WRONG_NAMES = {
    "text": (b"hello", "photo.png", "called a picture"),
    "a page": (b"<!doctype html><p>Not found", "report.pdf", "called a document"),
    "words": (b"hello", "letter.DOCX", "called a document"),
    "a program": (b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(400), "photo.jpg", "called a picture"),
    "numbers": (b"1,2", "rows.parquet", "called a table in Parquet"),
    "an old film": (b"\0\0\1\xba" + b"D" * 99, "film.mpg", "is a video"),
    "a film of Windows": (b"RIFF\0\0\0\0AVI LIST" + bytes(99), "film.avi", "is a video"),
    "a film of Apple": (b"\0\0\0\x14ftypqt  " + bytes(99), "IMG_1.MOV", "is a video"),
    "no film": (b"hello", "film.mp4", "called a video"),
    "an archive": (archive({"a.txt": "x"}), "letter.docx", "it is an archive"),
    "an archive and a document": (archive({"a.txt": "x"}) + pdf("Hello"), "report.pdf", "it is an archive"),
    "half a table": (b"PAR1" + bytes(40), "rows.parquet", "damaged"),
    "no table": (b"PAR1....\4\0\0\0PAR1", "rows.parquet", "damaged"),
    "a table of no size": (b"PAR1" + b"\xff" * 40 + b"PAR1", "rows.parquet", "damaged"),
    "21 MB": (b"%PDF-1.7" + bytes(21 * 2**20), "report.pdf", "21 MB"),
    "21 MB of table": (b"1,2\n" * (21 * 2**18), "rows.csv", "21 MB"),
    "nothing": (b"", "a.heic", "is empty"),
}


@pytest.mark.parametrize(("content", "name", "said"), WRONG_NAMES.values(), ids=WRONG_NAMES)
def test_what_is_not_what_it_is_called_is_refused(content: bytes, name: str, said: str) -> None:
    assert said in str(refusal_of(content, name))


def test_what_is_two_things_at_once_is_kept_as_one() -> None:
    hidden = archive({"META-INF/MANIFEST.MF": "x"})
    both = taken(made.picture("GIF") + hidden)
    assert both.blob is not None and hidden not in both.blob.content and b"PK" not in both.blob.content
    document = taken(pdf("Hello") + hidden)
    assert document.blob is not None and document.blob.blob.media_type == "application/pdf"
    assert document.blob.text == "[Page 1]\nHello"


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "BMP", "HEIF"])
def test_pictures_of_telephones_and_scanners_are_taken(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "51.5007N"
    content = made.HEIC if kind == "HEIF" else made.picture(kind, (48, 32), exif=exif.tobytes())
    file = taken(content, "IMG_0001.HEIC")
    assert isinstance(file.part, ImagePart) and file.blob is not None
    size = (48, 32) if kind == "BMP" else (32, 48)  # a bitmap has no EXIF
    assert (file.part.width, file.part.height) == size
    assert file.blob.blob.media_type == "image/jpeg" and file.blob.preview is not None
    assert b"51.5007N" not in file.blob.content
    drawn = Image.open(io.BytesIO(file.blob.content)).convert("RGB").getpixel((5, 5))
    assert isinstance(drawn, tuple) and drawn[0] < 30 and 100 < drawn[1] < 150


def test_a_broken_picture_of_a_telephone_is_refused() -> None:
    assert "is broken" in str(refusal_of(made.HEIC[:300], "a.heic"))
    assert "pixels" in str(refusal_of(made.picture("TIFF", (9_000, 8_000), "1"), "scan.tif"))


_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)


def _open(kind: str, body: str) -> bytes:
    return archive(
        {"mimetype": kind, "content.xml": f"<office:document-content {_ODF}>{body}</office:document-content>"}
    )


def test_texts_and_slides_of_libre_office_are_read() -> None:
    body = (
        '<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h text:outline-level="2">Plan</text:h>'
        '<text:p>Write<text:s text:c="2"/>&amp;<text:tab/><text:span>test</text:span> it</text:p>'
        "<text:list><text:list-item><text:p>first</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a|b</text:p></table:table-cell>"
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>"
    )
    written = taken(_open(OPEN_TEXT, body)).blob
    assert written is not None and written.blob.media_type == OPEN_TEXT
    assert written.text == "## Plan\nWrite  &\ttest it\n- first\n| a\\|b | 2 |"
    page = "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame></draw:page>"
    slides = taken(_open(OPEN_SLIDES, page.format("One") + page.format("Two"))).blob
    assert slides is not None and slides.text == "[Slide 1]\nOne\n\n[Slide 2]\nTwo"


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
async def test_a_large_table_is_kept_for_tools_and_a_model_reads_its_head(coding: str) -> None:
    text = "n,word\n" + "".join(f"{number},grün{number}\n" for number in range(20_000))
    assert isinstance(taken(text[:1_000].encode(coding), "few.csv").part, TextFilePart)
    file = taken(text.encode(coding), "many.csv")
    assert isinstance(file.part, FilePart) and file.blob is not None and file.blob.blob.media_type == "text/csv"
    assert file.blob.text is not None and file.blob.text.startswith("n,word\n0,grün0\n") and len(file.blob.text) < 500
    assert "of 20,001 lines" in file.blob.text
    content, queries = file.blob.content, Queries()
    try:
        rows = await queries.run("x", [DataFile("many.csv", "csv", lambda: content)], "SELECT sum(n) FROM many")
    finally:
        queries.close()
    assert rows.rows == ((199_990_000,),)


async def test_tables_that_promise_too_much_end_their_process_alone() -> None:
    queries = Queries()
    hostile = {
        "rows.parquet": b"PAR1" + b"\x15\x04\x19" * 40 + (120).to_bytes(4, "little") + b"PAR1",
        "line.csv": b"x" * (3 * 2**20),
        "deep.json": b"[" * 400_000,
        "book.xlsx": made.zip_of_zeros("xl/workbook.xml", 100),
    }
    try:
        for name, content in hostile.items():
            kind = {"parquet": "parquet", "csv": "csv", "json": "json", "xlsx": "sheets"}[name.rpartition(".")[2]]

            def read(content: bytes = content) -> bytes:
                return content

            try:
                found = await queries.tables("x", [DataFile(name, kind, read)])
            except QueryError as error:
                assert str(error)
            else:
                assert name == "line.csv" and len(found.tables) == 1
        few = await queries.run("x", [DataFile("a.csv", "csv", lambda: b"n\n1\n2")], "SELECT sum(n) FROM a")
    finally:
        queries.close()
    assert few.rows == ((3,),)
