from __future__ import annotations

import pytest

from core.providers.sse import EventTooLongError, SseParser

STREAM = (
    "\ufeffdata: first\n\n"
    ": a comment\n\n"
    "event: message\r\nid: 7\r\nretry: 10\r\ndata: zwölf 🛠\r\n\r\n"
    "data:no space\rdata:  two spaces\r\r"
    "data\n\n"
    "dataset: not ours\n\n"
    "data: [DONE]\n\n"
).encode()
EVENTS = [b"first", "zwölf 🛠".encode(), b"no space\n two spaces", b"", b"[DONE]"]


def parse(*chunks: bytes) -> list[bytes]:
    parser = SseParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def test_every_field_line_end_and_comment() -> None:
    assert parse(STREAM) == EVENTS


def test_the_stream_may_be_split_at_any_two_points() -> None:
    for first in range(len(STREAM)):
        for second in range(first, len(STREAM), 7):
            assert parse(STREAM[:first], STREAM[first:second], STREAM[second:]) == EVENTS, (first, second)


def test_byte_by_byte() -> None:
    assert parse(*(STREAM[index : index + 1] for index in range(len(STREAM)))) == EVENTS


def test_an_event_is_handed_out_as_soon_as_its_blank_line_came() -> None:
    parser = SseParser()
    assert parser.feed(b"data: a\r\n\r") == [b"a"]
    assert parser.feed(b"\ndata: b\r\n\r\n") == [b"b"]


def test_an_event_without_its_blank_line_is_found_at_the_end() -> None:
    parser = SseParser()
    assert parser.feed(b"data: a\n\ndata: [DONE]") == [b"a"]
    assert parser.flush() == [b"[DONE]"]
    assert parser.flush() == []


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 10, b"data: xxxxxxxxxx\n", b"x" * 10])
def test_an_endless_event_is_refused(piece: bytes) -> None:
    parser = SseParser(max_event_bytes=1_000)
    with pytest.raises(EventTooLongError):
        for _ in range(1_000):
            parser.feed(piece)
