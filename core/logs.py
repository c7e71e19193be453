"""Logging: one line per record to standard error, without secrets."""

from __future__ import annotations

import logging
import re

from core.config import Settings

# What provider keys look like: a short prefix of letters, a dash or underscore, and a long run of key characters;
# and what follows "Bearer". Keys never should get this far; this is the last net.
_KEY_LIKE = re.compile(r"(?i)\b(bearer\s+)?((?:sk|pk|rk|gsk|xai|gbx|key|pplx|nvapi|csk|AIza)[-_]?)[A-Za-z0-9_\-]{16,}")


def redact(text: str) -> str:
    """The text with everything that looks like a key cut down to its prefix."""
    return _KEY_LIKE.sub(lambda found: f"{found.group(1) or ''}{found.group(2)}[redacted]", text)


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure_logging(settings: Settings) -> None:
    """Set up our own loggers; the server's stay as they are."""
    handler = logging.StreamHandler()
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("core", "data", "pages", "app"):
        logger = logging.getLogger(name)
        logger.setLevel(settings.log_level)
        logger.handlers = [handler]
        logger.propagate = False
