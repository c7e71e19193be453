"""Outputs as real models write them, by family: what servers' issue threads and chat templates show, with their faults.

Written anew around tools of this suite; nothing is copied from anywhere.
"""

from __future__ import annotations

from tests.tools.outputs.elements import GLM_AND_MINIMAX
from tests.tools.outputs.hermes import HERMES
from tests.tools.outputs.leftovers import LEFTOVERS, WRAPPED
from tests.tools.outputs.open_weights import LLAMA, MISTRAL, QWEN_CODER
from tests.tools.outputs.others import OTHERS
from tests.tools.outputs.shared import ROME3, TOOLS, Call
from tests.tools.outputs.tokens import DEEPSEEK, GOOGLE
from tests.tools.outputs.visible import VISIBLE

ALL = (*HERMES, *QWEN_CODER, *LLAMA, *MISTRAL, *DEEPSEEK, *GLM_AND_MINIMAX, *GOOGLE, *OTHERS, *LEFTOVERS, *WRAPPED)

__all__ = ["ALL", "ROME3", "TOOLS", "VISIBLE", "Call"]
