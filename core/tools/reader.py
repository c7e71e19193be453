"""Reads a model's text as it comes in: what is for people goes on, what calls a tool becomes a call.

Nothing that may be the beginning of a call is passed on before it is known to be none. What looked like a call and
was none (JSON that answers, code that shows something) is passed on as it was written, to the last character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.tools.dialects import called, calls_in
from core.tools.lines import Mark
from core.tools.marks import Marks, plain_bars, plain_tokens
from core.tools.python_calls import has_names
from core.tools.span import Span, quotes_of
from core.tools.values import Item, ReadCall, ToolSpec, Unreadable

MAX_HELD = 256 * 1024
"""Characters of one call that are waited for; a longer one is read as if it ended there."""

_MAX_MISREAD = 8
"""How often an end mark inside a text may turn out to be the real one. Bounds the work on texts made to cost it."""

_LIKE_A_CALL = re.compile(r"\s*(?:[{\[]|<[\w|]|[\w.\-:]+\s*(?:<arg_key>|[({\[]))")
_BODY = re.compile(r"\s{0,64}(?=[{\[])")
_LINE_ENDS = re.compile(r"[ \t]{0,64}(?=\n|<|\Z)")
_HEADER = re.compile(r"(?:<\|\w+\|>|[\w\s.=-]){0,60}")
_TO = re.compile(r"\bto=(?:functions\.)?([\w.\-]+)")
_ENDS_OF_WORDS = ("<|call|>", "<|end|>", "<|return|>", "<|start|>", "<|channel|>")
_LINE_END = re.compile(r"\n")
_BETWEEN = re.compile(r"(?:\*\*|\")(?=\s|$)|[}\])]{1,3}(?=[\s<`;,]|$)|[}\])]{0,3}\s{0,64}[;,]\s{0,64}(?=[{\[]|$)")
_WORDS = re.compile(r"[^{\[<`]{1,200}(?=[{\[])")
_LEFT_OPEN = re.compile(r"\A[}\])]{1,3}(?=[\s<`]|$)")


class CallReader:
    """One answer's text. `feed` it piece by piece, `finish` it once.

    Args:
        tools: those that may be called, by name. JSON and code that name none of them are text.
    """

    def __init__(self, tools: Mapping[str, ToolSpec]) -> None:
        self._tools = tools
        self._marks = Marks(tools)
        self._buffer = ""
        self._mark: Mark | None = None
        self._span: Span | None = None
        self._seen = 0
        self._fallback: tuple[int, int] | None = None
        self._misread = 0
        self._after_call = False
        self._called = False  # nothing was said since the last call
        self._has_called = False
        self._before = "\n"

    def feed(self, text: str) -> list[Item]:
        """What is known of the text with its next piece."""
        places = self._marks.places if self._before == "\n" else self._marks.places_within
        if self._mark is None and not self._buffer and not self._after_call and not places.search(text):
            self._passed(text)
            return [text] if text else []
        buffer, self._buffer = self._buffer, ""
        buffer += text  # a local name with the only reference grows in place
        self._buffer = buffer
        return self._read(last=False)

    def finish(self) -> list[Item]:
        """What the end of the text decides."""
        return self._read(last=True)

    def _read(self, *, last: bool) -> list[Item]:
        items: list[Item] = []
        at = 0
        while True:
            before = at, self._mark
            at = self._plain(at, items, last=last) if self._mark is None else self._held(at, items, last=last)
            if (at, self._mark) == before:
                break
        if at:
            self._before = self._buffer[at - 1]
            self._buffer = self._buffer[at:]
        return _joined(items)

    def _passed(self, text: str) -> None:
        if text:
            self._before = text[-1]
            self._called = self._called and not text.strip()

    def _plain(self, at: int, items: list[Item], *, last: bool) -> int:
        """Pass text on up to the next mark; where it ends."""
        buffer = self._buffer
        start = at
        if self._after_call and at < len(buffer):
            between = _BETWEEN.match(buffer, at)
            if between and (between.end() < len(buffer) or last):
                at = start = between.end()
            elif between or (not buffer[at:].strip(' \n;,}])*"') and len(buffer) - at < 64 and not last):
                return at
            self._after_call = False
        while found := self._marks.places.search(buffer, at):
            place = found.start()
            mark = self._marks.at(buffer, place, buffer[place - 1] if place else self._before)
            if mark is True and not last:
                return self._say(buffer[start:place], items, place)
            if mark is True and buffer[place] == "<" and ">" not in buffer[place:] and self._called:
                if not buffer[start:place].strip():  # the end mark of the call, cut off with the text
                    return len(buffer)
            elif isinstance(mark, Mark) and self._counts(mark, buffer[start:place]):
                self._say(buffer[start:place], items, place)
                return self._begin(place, mark, items)
            at = place + 1
        return self._say(buffer[start:], items, len(buffer))

    def _say(self, text: str, items: list[Item], at: int) -> int:
        """Pass text on; `at` again."""
        items.append(text)
        self._called = self._called and not text.strip()
        return at

    def _counts(self, mark: Mark, said: str) -> bool:
        """Whether a mark is one behind what was said last."""
        if mark.shape == "after":
            return self._called and not said.strip()
        return mark.shape != "result" or self._has_called

    def _begin(self, place: int, mark: Mark, items: list[Item]) -> int:
        if mark.shape in {"stray", "after"}:
            return place + mark.length
        self._hold(mark)
        if mark.shape == "code":  # passed on as it comes
            items.append(self._buffer[place : place + mark.length])
            self._seen = 0
            return place + mark.length
        return place

    def _hold(self, mark: Mark) -> None:
        self._mark = mark
        self._seen = mark.length
        self._span = self._fallback = None

    def _held(self, at: int, items: list[Item], *, last: bool) -> int:
        assert self._mark is not None, "nothing is held"
        if self._mark.shape == "code":
            return self._code(at, items)
        full = len(self._buffer) - at >= MAX_HELD
        end = self._end(at, self._mark)
        if end is None and not (last or full):
            return at
        if end is None:
            end = len(self._buffer), len(self._buffer)
            if self._fallback is not None:
                end = at + self._fallback[0], at + self._fallback[1]
                self._misread += 1
        mark, self._mark = self._mark, None
        return self._ended(at, mark, end, items)

    def _code(self, at: int, items: list[Item]) -> int:
        """Code for people: on up to its end."""
        assert self._mark is not None, "no code"
        close = self._mark.closers[0]
        end = self._buffer.find(close, at)
        if len(close) < 3:
            line = _LINE_END.search(self._buffer, at, end if end >= 0 else len(self._buffer))
            end, close = (line.start(), "\n") if line else (end, close)
        if end >= 0:
            self._mark = None
            items.append(self._buffer[at : end + len(close)])
            return end + len(close)
        kept = len(self._buffer) - len(self._buffer.rstrip("`")) if len(close) > 1 else 0
        kept = min(kept, len(close) - 1, len(self._buffer) - at)  # what opened it was passed on already
        items.append(self._buffer[at : len(self._buffer) - kept])
        return len(self._buffer) - kept

    def _end(self, at: int, mark: Mark) -> tuple[int, int] | None:
        """Where what is held ends, before and after its end mark, counted in the buffer."""
        buffer = self._buffer
        if mark.shape == "rest":
            return None
        if self._span is None and (begun := self._body_at(at, mark)) is not None:
            self._span = Span(begun - at, quotes_of(buffer[begun : begun + 40]))
        # The buffer may have been cut at its front since: the span counts from where what is held begins.
        view = buffer if at == 0 else buffer[at:]
        if mark.shape != "bare":
            return self._closed(at, view, mark)
        spanned = self._span.end(view, len(view)) if self._span else None
        if spanned is None or (mark.alone and not view[spanned:].strip(" \t")):  # what else its line holds is to come
            return None
        return at + spanned, at + spanned

    def _closed(self, at: int, view: str, mark: Mark) -> tuple[int, int] | None:
        """Where the end mark is that is none of the words in a text."""
        start = max(self._seen, mark.length, 1)
        while True:
            ahead = plain_bars(view[start:])
            found = min(((i, closer) for closer in mark.closers if (i := ahead.find(closer)) >= 0), default=None)
            if found is None:
                if self._span:
                    self._span.end(view, len(view) - max(map(len, mark.closers)) + 1)
                self._seen = max(start, len(view) - max(map(len, mark.closers)) + 1)
                return None
            place, closer = start + found[0], found[1]
            past = place if closer in mark.reopens else place + len(closer)
            in_text = self._span is not None and self._span.end(view, place) is None and self._span.in_text
            if not in_text or self._misread >= _MAX_MISREAD:
                return at + place, at + past
            if self._fallback is None:
                self._fallback = place, past
            start = self._seen = place + len(closer)

    def _body_at(self, at: int, mark: Mark) -> int | None:
        """Where JSON begins in what is held; None where none does, or not yet."""
        if mark.body >= 0:
            return at + mark.body
        found = _BODY.match(self._buffer, at + mark.length)
        return found.end() if found else None

    def _ended(self, at: int, mark: Mark, end: tuple[int, int], items: list[Item]) -> int:  # noqa: PLR0911 one for each end
        written = self._buffer[at : end[0]]
        if mark.shape == "header":
            return self._headed(at, written, end, items)
        if mark.shape in {"thought", "result"}:
            return end[1]
        explicit = mark.shape in {"marked", "rest"}
        calls, body, rest = self._calls(written, mark, explicit=explicit)
        if mark.alone and not (_LINE_ENDS.match(self._buffer, end[0]) and not has_names(body)):
            calls = []
        if calls:
            items += calls
            self._after_call = self._called = self._has_called = True
            rest = _LEFT_OPEN.sub("", rest, 1)
            # Words after a call that was never closed: read on after it.
            return end[0] - len(rest) if rest.strip() and end[0] == end[1] else end[1]
        if explicit and _LIKE_A_CALL.match(body):
            items.append(Unreadable("What stood between the marks of a tool call is no call that could be read."))
            return end[1]
        if explicit and not body.strip() and self._is_empty(at, written, end):
            return end[1]
        if explicit and mark.length and written[1:2] in {"|", "｜", "T"}:  # a token, never meant for people
            return at + mark.length
        return self._say(self._buffer[at : end[1]], items, end[1])

    def _is_empty(self, at: int, written: str, end: tuple[int, int]) -> bool:
        """Whether marks with nothing between them were meant as a call: opened twice, or a block of its own."""
        reopened = end[0] == end[1] < len(self._buffer)
        before = self._buffer[at - 1] if at else self._before
        return self._called or reopened or before == "\n" or "\n" in written

    def _calls(self, written: str, mark: Mark, *, explicit: bool) -> tuple[list[ReadCall], str, str]:
        """The calls in what was held, its text without its marks, and what stands behind the calls."""
        body = written[mark.length :]
        if explicit:
            body = plain_tokens(body)
            calls, rest = calls_in(body, self._tools)
            if mark.name and (not calls or calls[0].name not in self._tools):
                calls, rest = called(mark.name, body, self._tools)
            if not calls and (spoken := _WORDS.match(body)):
                calls, rest = calls_in(body[spoken.end() :], self._tools, is_marked=False)
                calls = [call for call in calls if call.name in self._tools]
            return calls, body, rest
        if mark.name:
            calls, rest = called(mark.name, body, self._tools)
        else:
            calls, rest = calls_in(body, self._tools, is_marked=False)
        return [call for call in calls if call.name in self._tools], body, rest

    def _headed(self, at: int, header: str, end: tuple[int, int], items: list[Item]) -> int:
        """What a header of gpt-oss says of the words behind it: whether they are a call, a thought or an answer."""
        if not _HEADER.fullmatch(plain_bars(header)):
            return self._say(self._buffer[at : at + 1], items, at + 1)
        if end[0] == end[1]:  # it ended with its header
            return end[1]
        if recipient := _TO.search(header):
            self._hold(Mark(0, "marked", _ENDS_OF_WORDS, _ENDS_OF_WORDS[3:], recipient.group(1)))
        elif "analysis" in header:
            self._hold(Mark(0, "thought", _ENDS_OF_WORDS, _ENDS_OF_WORDS[3:]))
        return end[1]


def _joined(items: list[Item]) -> list[Item]:
    """The items with neighbouring texts as one, and none that is empty."""
    made: list[Item] = []
    for item in items:
        if isinstance(item, str) and made and isinstance(made[-1], str):
            made[-1] += item
        elif item != "":
            made.append(item)
    return made
