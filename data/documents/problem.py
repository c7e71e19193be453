"""What the readers say of a document that they can't read."""

from __future__ import annotations


class Problem(Exception):
    """In words that complete "... can't be read: "."""
