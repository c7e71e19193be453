"""The Quality page, one part of it in each module."""

from pages.quality.page import for_, render

__all__ = ["for_", "render"]
