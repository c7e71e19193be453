"""Answers saved as Markdown with files, and as one page."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import lxml.html
import pytest
from markdown_it import MarkdownIt

from core.access.access import Access
from core.chat.saving.page import from_markdown
from core.chat.saving.quiet import quiet
from core.chat.saving.reply import MOST_BYTES
from core.chat.saving.service import Form, SavedReplies
from core.errors import GearboxError, NotFound
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from data.values.media import Blob
from data.values.parts import FilePart, Part, TablePart, TextPart
from tests.app.injections import in_markdown
from tests.app.injections import parts as hostile_parts
from tests.chat.saving.kept import HAIKU, answered, everything, picture, sound
from tests.conftest import OpenTestStore
from tests.databases import open_store

ANN, BOB = Actor("ann", frozenset({Role.MEMBER})), Actor("bob", frozenset({Role.MEMBER}))
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
EVIL = "http://evil.example"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all: each test saves a conversation of its own."""
    found = open_store(f"sqlite:///{tmp_path_factory.mktemp('saved') / 'gearbox.db'}", owner=OwnerId.current())
    for each in (ANN, BOB):
        found.users.ensure(each.user_id, each.user_id)
    yield found
    found.close()


@pytest.fixture
def saved(store: Store) -> SavedReplies:
    return SavedReplies(Access(store), store, clock=lambda: NOON)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        for name in packed.namelist():
            path = PurePosixPath(name)
            assert not path.is_absolute() and ".." not in path.parts and "\\" not in name and len(path.parts) <= 3
        assert len({name.casefold() for name in packed.namelist()}) == len(packed.namelist())
        return {name: packed.read(name) for name in packed.namelist()}


def text_in(files: dict[str, bytes]) -> str:
    return next(content for name, content in files.items() if name.endswith(".md")).decode()


def opened(content: bytes) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(content.decode())


_LOADING = {"src", "srcset", "poster", "background", "data", "style", "action", "xlink:href"}
_RUNNING = ("script", "iframe", "object", "embed", "link", "base", "form", "style", "meta")


def loads(page: lxml.html.HtmlElement, beside: str = "data:") -> list[str]:
    """What a part of a page would ask somebody for, or run. What begins with `beside` is its own."""
    found = [str(element.tag) for element in page.find("body").iter(*_RUNNING)]
    for element in page.find("body").iter():
        for name, value in element.attrib.items() if isinstance(element.tag, str) else ():
            is_loaded = name.lower() in _LOADING or (name == "href" and element.tag != "a")
            runs = name == "href" and value.strip().lower().startswith(("javascript:", "vbscript:", "data:text"))
            if name.lower().startswith("on") or runs or "url(" in value or (is_loaded and not value.startswith(beside)):
                found.append(f"{element.tag} {name}={value[:60]}")
    return found


def test_an_answer_of_every_kind_of_part_becomes_markdown_with_its_files(store: Store, saved: SavedReplies) -> None:
    parts, blobs = everything()
    files = unpacked(saved.save(ANN, answered(store, "ann", parts, blobs), 2, Form.ZIP))
    names = {str(PurePosixPath(name).relative_to("The pond")) for name in files}
    assert names == {
        "The pond.md", "files/pond.png", "files/pond 2.png", "files/reading.wav", "files/Sales.svg", "files/Sales.csv",
        "files/Cities.csv", "files/notes.pdf", "files/list.txt",
    }  # fmt: skip
    text = text_in(files)
    assert text.startswith("# A pond\n\n> Write a haiku & paint it\n\n> Older messages were left out.\n\n")
    assert HAIKU in text and "2 < 3 & \\<b>so\\</b>" in text
    # In the order in which they are read.
    order = [
        "The pond", "![A lake](files/pond.png)", "[reading.wav](files/reading.wav)\n\n> An old silent pond",
        "The film was refused", "![Sales](files/Sales.svg)", "[Its numbers as CSV](files/Sales.csv)",
        "| Köln | 1073096 |", "And more", "“gone.png” is not there any more", "notes.pdf", "list.txt",
        "[A page](https://example.org/a?b=c)", "A newer version",
    ]  # fmt: skip
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "secret thought" not in text and "for the model only" not in text
    assert "| Draw: draw the pond | sandbox/artist | 0.042 USD | 2.5 s |" in text
    assert "| Tool: Make chart |" in text and "| Answer (490 tokens) | sandbox/scripted | not priced |" in text
    linked = set(re.findall(r"\]\((files/[^)]+)\)", text))
    assert {each.replace("%20", " ") for each in linked} == {name for name in names if name.startswith("files/")}
    assert files["The pond/files/pond.png"] == blobs[0].content
    assert list(csv.reader(io.StringIO(files["The pond/files/Cities.csv"].decode()))) == [
        ["City", "People"], ["Köln", "1073096"], ["'=1+1", ""],
    ]  # fmt: skip


def test_and_one_page_that_asks_nobody_for_anything(store: Store, saved: SavedReplies) -> None:
    parts, blobs = everything()
    page = opened(saved.save(ANN, answered(store, "ann", parts, blobs), 2, Form.PAGE))
    assert loads(page) == []
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0].startswith("default-src 'none'; ")
    said = " ".join(page.text_content().split())
    expected = (
        "An old silent pond", "Write a haiku & paint it", "2 < 3 & <b>so</b>.", "print('![a](b) <b>')",
        "The film was refused.", "“gone.png” is not there any more.", "Köln", "1073096", "A page",
        "Saved from Gearbox on 2026-11-29 12:00 UTC.",
    )  # fmt: skip
    assert [words for words in expected if words not in said] == []
    assert page.xpath("//img/@alt") == ["A lake", "A lake", "pond.png"]
    assert len(page.xpath("//audio")) == 1 and len(page.xpath("//*[local-name()='svg']")) == 1
    assert page.xpath("//a[@download]/@download") == ["notes.pdf"]
    assert "secret thought" not in said and "for the model only" not in said


@pytest.mark.parametrize("form", [Form.ZIP, Form.PAGE])
def test_a_plain_answer_and_an_empty_one(store: Store, saved: SavedReplies, form: Form) -> None:
    for parts in ((TextPart("Hello, 漢字 🎉 \ud800."),), (), (TextPart("```\nnot closed"),)):
        content = saved.save(ANN, answered(store, "ann", parts), 2, form)
        said = text_in(unpacked(content)) if form is Form.ZIP else content.decode()
        assert "Saved from Gearbox" in said
        if form is Form.ZIP and parts and "not closed" in str(parts[0]):
            assert "not closed\n```\n" in said


@pytest.mark.parametrize("form", list(Form))
def test_what_is_somebody_else_s_looks_as_if_it_were_not_there(store: Store, saved: SavedReplies, form: Form) -> None:
    mine = answered(store, "ann", (TextPart("mine"),))
    for who, conversation, seq in ((BOB, mine, 2), (ANN, "no-such", 2), (ANN, mine, 1), (ANN, mine, 9), (ANN, mine, 0)):
        with pytest.raises(NotFound):
            saved.save(who, conversation, seq, form)


@pytest.mark.parametrize("form", [Form.ZIP, Form.PAGE])
def test_too_much_for_one_file_is_refused_before_anything_is_read(
    store: Store, saved: SavedReplies, form: Form
) -> None:
    half = MOST_BYTES // 2 + 1
    parts = tuple(FilePart(Blob(digit * 64, "application/pdf", half), f"{digit}.pdf") for digit in "12")
    with pytest.raises(GearboxError, match="64 MB together; at most 64 MB"):
        saved.save(ANN, answered(store, "ann", parts), 2, form)
    assert saved.save(ANN, answered(store, "ann", (parts[0], parts[0])), 2, form), "one that comes twice counts once"


NAMES = [
    "../../x.png", "/etc/passwd", "a\\b.png", "CON.png", "", ".", "<img src=x onerror=y>.png", "\t\n.png", "漢字.png",
    "POND.PNG", "pond.png", "](http://evil.example).png", '" onload="x.png', "x" * 300,
]  # fmt: skip


def test_names_and_captions_of_any_kind_stay_names_and_captions(store: Store, saved: SavedReplies) -> None:
    pictures = [picture(f"#{at:02d}0000", name, caption=name) for at, name in enumerate(NAMES)]
    parts: tuple[Part, ...] = tuple(part for part, _ in pictures)
    sounds = [sound(f"{at} words", name) for at, name in enumerate(NAMES[:3])]
    parts += tuple(replace(part, transcript=f"<script>{name}") for (part, _), name in zip(sounds, NAMES, strict=False))
    tables = tuple(TablePart(name, (name, "b|c"), ((name, "| x |"),), 1) for name in NAMES)
    conversation = answered(store, "ann", parts + tables, [blob for _, blob in pictures + sounds], asked=NAMES[6])
    files = unpacked(saved.save(ANN, conversation, 2, Form.ZIP))
    assert len(files) == 1 + len(pictures) + len(sounds) + len(tables)
    drawn = MarkdownIt("commonmark").enable("table").render(text_in(files))
    shown = lxml.html.document_fromstring(drawn)
    sources = shown.xpath("//img/@src")
    assert len(sources) == len(pictures) and all(each.startswith("files/") for each in sources)
    assert not [each for each in shown.xpath("//a/@href") if not each.startswith("files/")]
    assert not list(shown.iter("script")) and len(shown.xpath("//table")) == len(tables) + 1
    page = opened(saved.save(ANN, conversation, 2, Form.PAGE))
    assert loads(page) == [] and len(page.xpath("//img")) == len(pictures)


@pytest.mark.parametrize("of", [quiet, from_markdown])
def test_a_model_s_markdown_loads_and_runs_nothing(of: Callable[[str], str]) -> None:
    tricks = (
        "\\`![a](EVIL/q1)\\`", "`\n\n![a](EVIL/q2)`", "\\\\<img src=EVIL/q3>", "~~~\n```\n~~~\n![a](EVIL/q4)",
        "- ~~~\n\n![a](EVIL/q5)", "<!-- `-->![a](EVIL/q6)<!--` -->", "``![a](EVIL/q7)`",
        "\t![a](EVIL/q8)\n\u2028![a](EVIL/q9)\x0b![b](EVIL/q10)", "<http:x<img src=EVIL/q11>",
    )  # fmt: skip
    every = (*in_markdown(EVIL), *(each.replace("EVIL", EVIL) for each in tricks))
    for text in (*every, "\n\n".join(every)):
        said = of(text)
        drawn = MarkdownIt("commonmark").render(said) if of is quiet else said
        page = lxml.html.document_fromstring(f"<body>{drawn}</body>")
        assert loads(page) == [] and not list(page.iter("img", "svg", "video", "audio")), text
        assert of is quiet or not page.xpath("//a[starts-with(@href, '/')]")


def test_common_markdown_stays_as_it_is() -> None:
    kept = (
        HAIKU, "a < b, a<3, `<b>`, <http://a.example> and `![x](y)`", "# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "    <b>code</b>", "1. a\n   ```\n   <i>\n   ```\n2. b",
    )  # fmt: skip
    for text in kept:
        assert quiet(text) == text.rstrip("\n")
    drawn = from_markdown("# T\n\n| a |\n|---|\n| ~~1~~ |\n\n[x](https://a.example)")
    assert drawn.replace("\n", "") == (
        "<h1>T</h1><table><thead><tr><th>a</th></tr></thead><tbody><tr><td><s>1</s></td></tr></tbody></table>"
        '<p><a href="https://a.example" rel="noopener noreferrer nofollow">x</a></p>'
    )


def test_lines_that_the_chat_shows_as_lines_stay_lines() -> None:
    poem = "Fog over the harbour\nrain on the water\n\n- one\n  two\n\n```\na\nb\n```"
    assert quiet(poem) == "Fog over the harbour  \nrain on the water\n\n- one  \n  two\n\n```\na\nb\n```"
    assert quiet("a\\\nb\nc") == "a\\\nb  \nc"
    assert from_markdown("Fog over the harbour\nrain").count("<br>") == 1


def test_hostile_answers_as_a_whole(store: Store, saved: SavedReplies) -> None:
    conversation = answered(store, "ann", hostile_parts(EVIL), asked=f"<img src={EVIL}/asked>")
    assert loads(opened(saved.save(ANN, conversation, 2, Form.PAGE))) == []
    drawn = (
        MarkdownIt("commonmark").enable("table").render(text_in(unpacked(saved.save(ANN, conversation, 2, Form.ZIP))))
    )
    assert loads(lxml.html.document_fromstring(f"<body>{drawn}</body>"), beside="files/") == []


def test_on_either_database_the_files_are_those_of_the_conversation(open_test_store: OpenTestStore) -> None:
    store = open_test_store()
    image, blob = picture("red")
    with_it, without = answered(store, "ann", (image,), [blob]), answered(store, "ann", (image,))
    saved = SavedReplies(Access(store), store, clock=lambda: NOON)
    assert len(unpacked(saved.save(ANN, with_it, 2, Form.ZIP))) == 2
    assert "not there any more" in text_in(unpacked(saved.save(ANN, without, 2, Form.ZIP)))
