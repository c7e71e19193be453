"""What message parts hold of things that are no text."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int | float | bool | None
"""A value in a table as JSON has it; decimals and dates are text."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are kept beside the messages, by their content: `digest` is their SHA-256 in hex, `size` in bytes."""

    digest: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Described:
    """What a model wrote of a picture, or heard in a sound, for models that can't see or hear; `by` is its id."""

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob with its bytes. `preview` is a small picture of it, `text` what stands in it; None where there is none."""

    blob: Blob
    content: bytes
    preview: bytes | None = None
    text: str | None = None
