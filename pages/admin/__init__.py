"""The Admin page, one tab of it in each module."""

from pages.admin.page import for_, render

__all__ = ["for_", "render"]
