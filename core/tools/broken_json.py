"""Reads JSON as models write it: other quotes, Python's words, comments, commas too many, newlines, an end too early.

Strict JSON is read by the standard library. What that refuses goes to a reader of one pass that never fails on a
value it could make sense of; it is linear in the text.
"""

from __future__ import annotations

import json
import re
from typing import Any

_STRICT = json.JSONDecoder(strict=False)  # control characters in texts are let through
_GAP = re.compile(r"(?:\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)*", re.DOTALL)
_BETWEEN = re.compile(r",|\.{3}|…")
_WORD = re.compile(r"[^\s,:{}\[\]\"'“”()<]+")
_ENDS_TEXT = re.compile(r"\s{0,64}(?:[,:}\]]|$|//)|\s{1,64}[\"'“]\w{1,64}[\"'”]\s{0,8}:")
_OBJECT_IN_QUOTES = re.compile(r"[\"'`]\s{0,16}(?=[{\[]\s{0,16}[\"'{\[])")
_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "`": "`"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
_ESCAPED = re.compile(r"\\([\"\\])")
_DOUBLED = re.compile(r"\s*[\[{][\s\[{]*\\+[\"']")
_PLAIN = {quote: re.compile(rf"[^\\{quote}]+") for quote in "\"'”’`"}
_LOW = re.compile(r"\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_DEEPEST = 100


class NotJsonError(ValueError):
    """No value begins here."""


def read_json(text: str, at: int = 0) -> tuple[Any, int]:
    """The value that begins at `at`, after blanks, and where it ends.

    Raises:
        NotJsonError: none does.
    """
    at = _GAP.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty text, too
    try:
        return _STRICT.raw_decode(text, at)
    except (ValueError, RecursionError):
        pass
    if _DOUBLED.match(text, at):  # escaped once too often, as a whole
        once = _Reader(_ESCAPED.sub(r"\1", text[at:]))
        return once.value(), _before_unescaping(text, at, once.at)
    reader = _Reader(text, at)
    return reader.value(), reader.at


def _before_unescaping(text: str, at: int, length: int) -> int:
    """Where so many characters after `at` end, counted before they were freed of their backslashes."""
    for place, found in enumerate(_ESCAPED.finditer(text, at)):
        if found.start() - at - place >= length:
            return at + length + place
    return min(len(text), at + length + len(_ESCAPED.findall(text, at)))


class _Reader:
    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self._depth = 0

    def value(self) -> Any:
        self._skip()
        char = self.text[self.at : self.at + 1]
        if char in {"{", "["}:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise NotJsonError("nested too deeply")
            self.at += 1
            made = self._doubled() if char == "{" and self.text[self.at : self.at + 1] == "{" else self._one(char)
            self._depth -= 1
            return made
        if char in _QUOTES and char:
            quoted = _OBJECT_IN_QUOTES.match(self.text, self.at)
            return self._quoted(quoted.end()) if quoted else self._string(_QUOTES[char])
        return self._word()

    def _one(self, bracket: str) -> Any:
        return self._object() if bracket == "{" else self._array()

    def _doubled(self) -> Any:
        """Braces that a template escaped."""
        made = self.value()
        if self.text[self.at : self.at + 1] == "}":
            self.at += 1
        return made

    def _quoted(self, begins: int) -> Any:
        """An object between quotes that does not escape its own."""
        quote, start = self.text[self.at], self.at
        self.at = begins
        try:
            made = self.value()
        except NotJsonError:
            made = None
        self._skip()
        if made is not None and self.text[self.at : self.at + 1] == quote:
            self.at += 1
            return made
        self.at = start
        return self._string(_QUOTES[quote])

    def _object(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not self._closed("}"):
            if self.text[self.at] in "])":  # the wrong bracket closes it all the same
                self.at += 1
                break
            start, is_word = self.at, self.text[self.at] not in _QUOTES
            if self.text[start] == "<":  # a token behind what was cut
                break
            key = self.value()
            self._skip()
            if self.text[self.at : self.at + 1] not in {":", "="}:
                if is_word:  # words behind an object that was never closed
                    self.at = start
                    break
                if self.at >= len(self.text):  # cut in a key
                    break
                raise NotJsonError(f"a colon is missing after {key!r}")
            self.at += 1
            self._skip()
            if self.at >= len(self.text):  # cut before its value
                break
            made[str(key)] = None if self.text[self.at] in ",}" else self.value()
        return made

    def _array(self) -> list[Any]:
        made: list[Any] = []
        while not self._closed("]"):
            if self.text[self.at] in "})<":
                break
            if made and isinstance(made[-1], dict) and self.text[self.at] not in "{[\"'“":
                break  # words behind a list that was never closed
            made.append(self.value())
        return made

    def _closed(self, bracket: str) -> bool:
        """Skip to the next member; whether there is none."""
        self._skip()
        while between := _BETWEEN.match(self.text, self.at):
            self.at = between.end()
            self._skip()
        if self.at >= len(self.text):
            return True
        if self.text[self.at] == bracket:
            self.at += 1
            return True
        return False

    def _string(self, quote: str) -> str:
        self.at += 1
        made: list[str] = []
        while self.at < len(self.text):
            if run := _PLAIN[quote].match(self.text, self.at):
                made.append(run.group())
                self.at = run.end()
            char = self.text[self.at : self.at + 1]
            if char == "\\":
                made.append(self._escape())
            elif char:
                self.at += 1
                if _ENDS_TEXT.match(self.text, self.at):
                    break
                made.append(char)  # a quote that was not escaped
        return "".join(made)

    def _escape(self) -> str:
        char = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if char == "u":
            try:
                code = int(self.text[self.at : self.at + 4], 16)
            except ValueError:
                return "\\u"
            self.at += 4
            low = _LOW.match(self.text, self.at) if 0xD800 <= code < 0xDC00 else None
            if low:  # the second half of a character
                self.at = low.end()
                return chr(0x10000 + ((code - 0xD800) << 10) + int(low.group(1), 16) - 0xDC00)
            return chr(code)
        return _ESCAPES.get(char, char)

    def _word(self) -> Any:
        found = _WORD.match(self.text, self.at)
        if not found:
            raise NotJsonError(f"no value at {self.text[self.at : self.at + 20]!r}")
        self.at = found.end()
        word = found.group()
        if word.lower() in _WORDS:
            return _WORDS[word.lower()]
        try:
            return json.loads(word)
        except ValueError:
            return word

    def _skip(self) -> None:
        self.at = _GAP.match(self.text, self.at).end()  # type: ignore[union-attr]
