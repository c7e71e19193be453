"""The Audit page, one part of it in each module."""

from pages.audit.page import for_, render

__all__ = ["for_", "render"]
