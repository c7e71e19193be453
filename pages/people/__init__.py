"""The People page, one part of it in each module."""

from pages.people.page import for_, render

__all__ = ["for_", "render"]
