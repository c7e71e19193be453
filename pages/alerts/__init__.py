"""The Alerts page, one part of it in each module."""

from pages.alerts.page import for_, render

__all__ = ["for_", "render"]
