"""Outputs whose marks are doubled, cut off, empty, or go on with what a tool never said."""

from __future__ import annotations

from tests.tools.outputs.shared import CALL, ROME, Output

LEFTOVERS: tuple[Output, ...] = (
    ("opened and closed twice", f"<tool_call>\n<tool_call>\n{CALL}\n</tool_call>\n</tool_call>", (ROME,), ""),
    ("opened twice, closed once", f"Hi <tool_call><tool_call>\n{CALL}\n</tool_call>\nDone", (ROME,), "Hi Done"),
    *(
        (f"cut in its end mark, {cut}", f"<tool_call>\n{CALL}{cut}", (ROME,), "")
        for cut in ("</tool_call", "\n</tool_call", "</tool", "\n</", "<", "\n</tool_call>\n</tool_c")
    ),
    ("bare, cut in an end mark", f"{CALL}\n</tool_call", (ROME,), ""),
    ("empty", "<tool_call>\n</tool_call>", (), ""),
    ("empty after words", "I'll look.\n<tool_call></tool_call>", (), "I'll look."),
    ("empty and unclosed", "I'll look.\n\n<tool_call>\n", (), "I'll look."),
    ("words before the call", f"<tool_call>Here it is: {CALL}</tool_call>", (ROME,), ""),
    ("a line before the call", f"<tool_call>\nI look now.\n{CALL}\n</tool_call>\nDone.", (ROME,), "Done."),
    ("words before an unclosed call", f"<tool_call>Here it is: {CALL}", (ROME,), ""),
    *(
        (
            f"a made-up {tag}",
            f"<tool_call>{CALL}</tool_call>\n<{tag}>\n{{}} 20 °C\n</{tag}>\nIt is 20.",
            (ROME,),
            "It is 20.",
        )
        for tag in ("tool_response", "tool_result", "function_results", "tool_output")
    ),
    ("a made-up response, cut", f'<tool_call>{CALL}</tool_call>\n<tool_response>\n{{"temp', (ROME,), ""),
    (
        "a made-up response behind words",
        f"<tool_call>{CALL}</tool_call>\nIt said:\n<tool_response>20</tool_response>\nSo.",
        (ROME,),
        "It said: So.",
    ),
)
"""What small models leave over around a call that can be read."""
