"""The Flags page, one part of it in each module."""

from pages.flags.page import for_, render

__all__ = ["for_", "render"]
