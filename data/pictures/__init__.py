"""Pictures decoded in a limited process: those of complicated formats, and the largest."""

from __future__ import annotations

from data.pictures.decoding import KINDS, Decoded, PictureError, decode

__all__ = ["KINDS", "Decoded", "PictureError", "decode"]
