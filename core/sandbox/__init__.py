"""The built-in provider: a scripted model behind OpenAI's wire format, over real HTTP."""

from __future__ import annotations

from core.sandbox.app import sandbox_app
from core.sandbox.server import SandboxPlace, serve_sandbox

__all__ = ["SandboxPlace", "sandbox_app", "serve_sandbox"]
