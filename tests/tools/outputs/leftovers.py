"""Outputs whose marks are doubled, cut off, empty, or go on with what a tool never said."""

from __future__ import annotations

from tests.tools.outputs.shared import CALL, GIVEN, ROME, ROME3, Output

LEFTOVERS: tuple[Output, ...] = (
    ("opened and closed twice", f"<tool_call>\n<tool_call>\n{CALL}\n</tool_call>\n</tool_call>", (ROME,), ""),
    ("opened twice, closed once", f"Hi <tool_call><tool_call>\n{CALL}\n</tool_call>\nDone", (ROME,), "Hi Done"),
    ("a list opened twice", f"<tool_calls>\n<tool_calls>[{CALL}]</tool_calls></tool_calls>", (ROME,), ""),
    (
        "made-up results of Mistral's",
        f"<tool_call>{CALL}</tool_call>\n[TOOL_RESULTS] 20[/TOOL_RESULTS] So.",
        (ROME,),
        "So.",
    ),
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
WRAPPED: tuple[Output, ...] = (
    ("a turn before it", f"<|im_start|>assistant\n<tool_call>\n{CALL}\n</tool_call><|im_end|>", (ROME,), ""),
    ("a turn on its line", f"<|im_start|>assistant<tool_call>\n{CALL}\n</tool_call>", (ROME,), ""),
    ("Gemma's turn", f"<start_of_turn>model\n<tool_call>\n{CALL}\n</tool_call>", (ROME,), ""),
    (
        "the next turn made up",
        f"<tool_call>{CALL}</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>20</tool_response>",
        (ROME,),
        "",
    ),
    ("blanks in its marks", f"Hi\n< tool_call >\n{CALL}\n</ tool_call >\nDone", (ROME,), "Hi Done"),
    ("marks for HTML", f"Hi\n&lt;tool_call&gt;\n{CALL}\n&lt;/tool_call&gt;\nDone", (ROME,), "Hi Done"),
    *((f"in <{tag}>", f"Hi\n<{tag}>\n{CALL}\n</{tag}>\nDone", (ROME,), "Hi Done") for tag in ("function", "call")),
    *((f"in <{tag}>", f"<{tag}>{CALL}</{tag}>", (ROME,), "") for tag in ("json", "action")),
    ("tildes", f"Hi\n~~~json\n{CALL}\n~~~\nDone", (ROME,), "Hi Done"),
    ("bold", f"**{CALL}**", (ROME,), ""),
    ("bold, between words", f"Hi\n**{CALL}**\nDone", (ROME,), "Hi Done"),
    ("quoted", f'"{CALL}"', (ROME,), ""),
    ("bold marks", f"**<tool_call>**\n{CALL}\n**</tool_call>**", (ROME,), ""),
    (
        "Qwen-Agent",
        f"Hi\n✿FUNCTION✿: get_weather\n✿ARGS✿: {GIVEN}\n✿RESULT✿: 20\n✿RETURN✿: It is 20.",
        (ROME3,),
        "Hi It is 20.",
    ),
    ("Qwen-Agent alone", f"✿FUNCTION✿: get_weather\n✿ARGS✿: {GIVEN}", (ROME3,), ""),
    ("execute_tool", "<execute_tool>get_weather(city='Rome', days=3)</execute_tool>", (ROME3,), ""),
    ("tool with a name", f'<tool name="get_weather">{GIVEN}</tool>', (ROME3,), ""),
    (
        "use_mcp_tool",
        "<use_mcp_tool>\n<server_name>x</server_name>\n<tool_name>get_weather</tool_name>\n"
        f"<arguments>\n{GIVEN}\n</arguments>\n</use_mcp_tool>",
        (ROME3,),
        "",
    ),
)
"""What small models leave over around a call that can be read, and what they wrap one in."""
