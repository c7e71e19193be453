"""The one task vocabulary.

Learned state is keyed by these names for ever: add members, never rename or remove one, and raise
`TASKS_VERSION` with every addition.
"""

from __future__ import annotations

from enum import StrEnum

TASKS_VERSION = 1


class Task(StrEnum):
    """What a prompt asks for."""

    CODE = "code"
    MATH = "math"
    WRITING = "writing"
    REWRITE = "rewrite"
    SUMMARIZE = "summarize"
    TRANSLATE = "translate"
    EXTRACT = "extract"
    QUESTION = "question"
    ANALYSIS = "analysis"
    CHAT = "chat"
    IMAGE = "image"
    SPEECH = "speech"
    CHART = "chart"
    VIDEO = "video"
    OTHER = "other"
