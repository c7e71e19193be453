"""Logging: one line per record to standard error, without secrets.

Keys never should get as far as a log. This is the last net, under everything in the process that logs or prints a
traceback, other people's code included.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from core.config import Settings

_NAMES = (
    r"authorization|(?:x[-_])?(?:goog[-_])?api[-_]?key|(?:access|refresh|id|vault)[-_]token|client[-_]secret|"
    r"passw(?:or)?d|passphrase"
)
_SECRETS = (
    # What keys look like: a short prefix of letters, a dash or underscore, and a long run of key characters.
    re.compile(
        r"(?i)\b((?:sk|pk|rk|gsk|xai|gbx|key|pplx|nvapi|csk|AIza|hf|r8|tgp|fw|ghp|hvs)[-_.]?)[A-Za-z0-9_\-]{16,}()"
    ),
    re.compile(r"(gearbox-kek-v1:)[A-Za-z0-9+/=]+()"),
    # What stands behind the name of a header, a parameter or a field; and passwords in addresses.
    re.compile(rf"""(?i)(\b(?:{_NAMES})\b["']?\s*[:=]\s*b?["']?(?:(?:bearer|basic)\s+)?)[^\s"',;&}}]{{6,}}()"""),
    re.compile(r"(?i)([?&](?:key|token|secret|code)=)[^\s\"'&]+()"),
    re.compile(r"(?i)(\bbearer\s+)[^\s\"',;&}]{6,}()"),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)"),
)


def redact(text: str) -> str:
    """The text with everything that looks like a key, or stands where one does, cut out."""
    for secret in _SECRETS:
        text = secret.sub(r"\1[redacted]\2", text)
    return text


_OURS = ("core", "data", "pages", "app")
_SERVERS = ("streamlit", "uvicorn", "uvicorn.error", "uvicorn.access")

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request, or of the run of a page, that is being answered."""


class JsonFormatter(logging.Formatter):
    """A JSON object a line, for programs that collect logs; by its ids they find the audit log's events and the trace.

    Names of fields are those of OpenTelemetry's log data model, as far as it has them.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        span = get_current_span().get_span_context()
        told = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "severity": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "exception": record.exc_text or "",
            "request_id": REQUEST.get(),
            "trace_id": format_trace_id(span.trace_id) if span.is_valid else "",
            "span_id": format_span_id(span.span_id) if span.is_valid else "",
        }
        return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)


class RedactedRecord(logging.LogRecord):
    """A record that no formatter can get a key out of: message, arguments and traceback are redacted as it is made."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        if isinstance(self.args, tuple):  # uvicorn's formatter takes a request's path from here
            self.args = tuple(redact(one) if isinstance(one, str) else one for one in self.args)
        if self.exc_info:
            self.exc_text = redact("".join(traceback.format_exception(*self.exc_info)).rstrip())

    def getMessage(self) -> str:  # noqa: N802 - logging's own name
        """The message, redacted once more: whole texts are made of arguments that are no text."""
        return redact(super().getMessage())


def redact_everything() -> None:
    """From now on redact all that is logged in this process, by whomever, and what nobody caught."""
    logging.setLogRecordFactory(RedactedRecord)
    sys.excepthook = _print_uncaught
    threading.excepthook = lambda caught: _print_uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)
    sys.unraisablehook = lambda caught: _print_uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)


def configure_logging(settings: Settings) -> None:
    """Set up our own loggers, and as JSON those of the server, too. See `redact_everything`."""
    redact_everything()
    handler = logging.StreamHandler()
    if settings.log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in (*_OURS, *(_SERVERS if settings.log_format == "json" else ())):
        logger = logging.getLogger(name)
        if name in _OURS:
            logger.setLevel(settings.log_level)
        logger.handlers = [handler]
        logger.propagate = False


def _print_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if sys.stderr is not None:  # at the very end of a process it may be gone
        sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
