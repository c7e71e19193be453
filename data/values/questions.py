"""What a running tool asks its person, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """A form to fill in, or with `url` a page to open. All but `asker` and `seconds` is the asker's own word.

    Args:
        asker: who wants to know, as people call it.
        message: why.
        schema: of the form, flat; see `core.tools.forms`.
        seconds: how long the person has.
    """

    asker: str
    message: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    seconds: float = 300.0


class Reply(StrEnum):
    """What the person does with a question."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Said:
    """The person's answer; `content` is what they filled in, with ACCEPT."""

    reply: Reply
    content: Mapping[str, Any] = field(default_factory=dict)
