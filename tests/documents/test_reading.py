"""What stands in documents, and that none of them does more than be read or be refused."""

from __future__ import annotations

import io
import random
import zipfile

import pypdf
import pytest

from data.documents import DocumentError, DocumentText, Limits, read_document
from data.documents.office import OPEN_SHEETS, SHEETS, SLIDES, WORD
from tests.documents.made import archive, pdf, said, slides, word
from tests.query.workbooks import workbook


def text_of(content: bytes, media_type: str) -> str:
    read = read_document(content)
    assert read.media_type == media_type
    return read.text


def test_a_pdf_is_read_page_by_page() -> None:
    assert text_of(pdf("Hello", "", "World"), "application/pdf") == "[Page 1]\nHello\n\n[Page 3]\nWorld"


def test_a_scan_has_no_text() -> None:
    assert read_document(pdf("", "")) == DocumentText("application/pdf", "")


def test_of_a_long_pdf_the_first_pages_are_read() -> None:
    read = read_document(pdf(*(f"n{number}" for number in range(9))), Limits(pages=2))
    assert read.text == "[Page 1]\nn0\n\n[Page 2]\nn1\n\n[cut: the first 2 of 9 pages]"
    assert len(read_document(pdf("x" * 500, "y" * 500), Limits(chars=300)).text) < 400


def test_a_word_document_keeps_headings_lists_and_tables() -> None:
    table = f"<w:tbl><w:tr><w:tc>{said('a|b')}</w:tc><w:tc>{said('2')}</w:tc></w:tr></w:tbl>"
    body = (
        said("Plan", '<w:pStyle w:val="Heading2"/>')
        + said("Write &amp; test")
        + said("first", "<w:numPr/>")
        + table
        + f"<w:sdt><w:sdtContent>{said('In a field')}</w:sdtContent></w:sdt>"
        + "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    )
    assert text_of(word(body), WORD) == "## Plan\nWrite & test\n- first\n| a\\|b | 2 |\n\nIn a field"


def test_slides_are_read_in_their_order() -> None:
    table = "| x | y |"
    assert text_of(slides("One", "Two"), SLIDES) == f"[Slide 1]\nOne\n{table}\n\n[Slide 2]\nTwo\n{table}"


def test_sheets_are_tables() -> None:
    content = workbook({"Sales": [["month", "n"], ["May", 3], ["June", 2.5]]})
    assert text_of(content, SHEETS) == "[Sheet Sales]\n| month | n |\n| May | 3 |\n| June | 2.5 |"


def _encrypted(password: str) -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(pdf("Secret plan")))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    assert "Secret plan" in read_document(_encrypted("")).text


def _with_a_bomb(content: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/bomb.bin", b"\0" * (160 * 2**20))
    return out.getvalue()


_ENTITIES = "".join(f"<!ENTITY a{n} '{('&a' + str(n - 1) + ';') * 10}'>" for n in range(1, 10))
_BILLION = f"<!DOCTYPE d [<!ENTITY a0 'aaaaaaaaaa'>{_ENTITIES}]>"
_LEAK = "<!DOCTYPE d [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize(
    ("content", "said_of_it"),
    [
        (_encrypted("locked"), "password"),
        (b"%PDF-1.7\nnothing", "damaged|no pages"),
        (pdf("Hello")[:200], "damaged|no pages"),
        (archive({"readme.txt": "hi"}), "archive"),
        (archive({"word/document.xml": "<w:document"}), "damaged"),
        (word(said("x"))[:-30], "damaged"),
        (word(said("&a8;"), _BILLION), "no Office program"),
        (word(said("&f;"), _LEAK), "no Office program"),
        (archive({"word/document.xml": b" " * (160 * 2**20)}), "more than can be unpacked"),
        (_with_a_bomb(workbook({"Sales": [["a"]]})), "more than can be unpacked"),
        (archive({"ppt/presentation.xml": "<p/>"}), "damaged"),
        (archive({"mimetype": OPEN_SHEETS, "content.xml": "<x"}), "damaged"),
    ],
    ids=[
        *("password", "empty pdf", "cut pdf", "archive", "no xml", "cut", "billion laughs", "external entity"),
        *("bomb", "bomb in a workbook", "no slides", "no sheets"),
    ],
)
def test_what_can_t_be_read_is_refused_with_a_reason(content: bytes, said_of_it: str) -> None:
    with pytest.raises(DocumentError, match=said_of_it):
        read_document(content)


def test_a_document_that_keeps_its_process_busy_is_ended() -> None:
    deep = b"<w>" * 2_000_000  # of no end
    with pytest.raises(DocumentError):
        read_document(archive({"word/document.xml": deep}), Limits(seconds=1.0, memory=600 * 2**20))


@pytest.mark.campaign
def test_damaged_documents_are_read_or_refused_campaign() -> None:
    chance = random.Random(31)
    sound = [
        pdf("Hello", "World"),
        word(said("Hello")),
        slides("One"),
        workbook({"Sales": [["a", 1.0]]}),
        _encrypted(""),
    ]
    for number in range(40):
        content = bytearray(sound[number % len(sound)])
        for _ in range(chance.randint(1, 12)):
            content[chance.randrange(8, len(content))] = chance.randrange(256)
        try:
            read_document(bytes(content), Limits(seconds=10.0))
        except DocumentError:
            continue
