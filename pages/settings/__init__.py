"""The Settings page, one part of it in each module."""

from pages.settings.page import render

__all__ = ["render"]
