"""The Performance page, one part of it in each module."""

from pages.performance.page import for_, render

__all__ = ["for_", "render"]
