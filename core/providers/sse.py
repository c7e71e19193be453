"""Server-sent events from a byte stream, as far as a model API uses them: only their data."""

from __future__ import annotations

# A chunk of text is under a kilobyte; whole pictures come base64-coded in one line.
MAX_EVENT_BYTES = 16 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class EventTooLongError(ValueError):
    """One event is longer than `MAX_EVENT_BYTES`."""


class SseParser:
    """Incremental parser of the event stream format (WHATWG HTML, section 9.2.6).

    Works on bytes, so a chunk may end anywhere: inside a line, a CRLF pair or a UTF-8 sequence. Comments and the
    fields `event`, `id` and `retry` are dropped; several `data` lines of one event are joined by a newline.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first_line = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes; return the data of each event that they complete.

        Raises:
            EventTooLongError: the stream can't be read on.
        """
        if self._after_cr and chunk:
            # The line ended at the CR; its LF, if it comes, belongs to it.
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if b"\n" not in chunk and b"\r" not in chunk:
            self._rest += chunk
            self._check(len(self._rest))
            return []
        buffer = bytes(self._rest) + chunk if self._rest else chunk
        # bytes.splitlines knows LF, CRLF and CR and, unlike str.splitlines, nothing else.
        lines = buffer.splitlines()
        self._rest = bytearray() if buffer.endswith((b"\n", b"\r")) else bytearray(lines.pop())
        self._after_cr = buffer.endswith(b"\r")
        return self._take(lines)

    def flush(self) -> list[bytes]:
        """Return the data of an event that the end of the stream left without its blank line.

        The format says to drop it, yet servers exist that end right after `data: [DONE]`.
        """
        lines = [bytes(self._rest), b""] if self._rest else [b""]
        self._rest.clear()
        return self._take(lines)

    def _take(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        if self._first_line and lines:
            lines[0] = lines[0].removeprefix(_BOM)
            self._first_line = False
        for line in lines:
            if not line:
                if self._data:
                    events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                    self._data.clear()
                    self._size = 0
            elif line.startswith(b"data:"):
                self._check(self._size + len(line))
                self._size += len(line)
                self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif line == b"data":
                self._data.append(b"")
        return events

    def _check(self, size: int) -> None:
        if size > self._max:
            raise EventTooLongError(f"one event is longer than {self._max} bytes")
