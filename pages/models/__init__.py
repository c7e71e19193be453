"""The Models page: which models there are, what they can do and cost, and which of them answer here."""

from pages.models.page import render

__all__ = ["render"]
