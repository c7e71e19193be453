"""The text of PDF and Office documents, read in a limited process: they are other people's, and complicated."""

from __future__ import annotations

from data.documents.reading import DocumentError, DocumentText, Limits, read_document

__all__ = ["DocumentError", "DocumentText", "Limits", "read_document"]
