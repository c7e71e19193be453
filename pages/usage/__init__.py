"""The Usage page, one part of it in each module."""

from pages.usage.page import render

__all__ = ["render"]
