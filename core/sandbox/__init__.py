"""The built-in provider: a scripted model behind OpenAI's wire format, over real HTTP."""

from __future__ import annotations

from core.sandbox.app import sandbox_app

__all__ = ["sandbox_app"]
