"""What a tool server holds beside its tools: resources to read, and prompts to begin with. All is its own word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedResource:
    """Something to read. `size` is in bytes, None where the server does not say."""

    uri: str
    name: str
    title: str = ""
    description: str = ""
    media_type: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """URIs of many resources, as a pattern with `{variables}`."""

    pattern: str
    name: str
    title: str = ""
    description: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """What a prompt has to be told; always a text."""

    name: str
    description: str = ""
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class ListedPrompt:
    """Words to begin a conversation with."""

    name: str
    title: str = ""
    description: str = ""
    arguments: tuple[PromptArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """All of them, in the server's order."""

    resources: tuple[ListedResource, ...] = ()
    templates: tuple[ListedTemplate, ...] = ()
    prompts: tuple[ListedPrompt, ...] = ()
