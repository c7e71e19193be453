"""The Tools page: what models can call for a person, how it does, and the servers that bring more."""

from pages.tools.page import render

__all__ = ["render"]
