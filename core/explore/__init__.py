"""Explore: analysts ask the usage warehouse, by picking or in SQL."""

from core.explore.answering import Answer
from core.explore.saved import SavedQuestions
from core.explore.service import ExploreService

__all__ = ["Answer", "ExploreService", "SavedQuestions"]
