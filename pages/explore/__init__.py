"""The Explore page, one part of it in each module."""

from pages.explore.page import for_, render

__all__ = ["for_", "render"]
