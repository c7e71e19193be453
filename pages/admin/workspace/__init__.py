"""The Workspace tab: announcements, and maintenance."""

from pages.admin.workspace.tab import draw

__all__ = ["draw"]
