"""What Streamlit adds to Markdown acts only where the text meant it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.model_markdown import for_streamlit


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("It rose from $5 to $10.", r"It rose from \$5 to \$10."),
        ("costs $3.50", r"costs \$3.50"),
        ("$20,000 and $30,000", r"\$20,000 and \$30,000"),
        ("already \\$5", "already \\$5"),
        ("area $a^2 + b^2$ here", "area $a^2 + b^2$ here"),
        ("$$\\int_0^1 x\\,dx$$", "$$\\int_0^1 x\\,dx$$"),
        (r"so \(x = 1\) then \[ y = 2 \]", r"so $x = 1$ then $$y = 2$$"),
        (":red[hi] :material/home: :smile:", "\\:red[hi] :\u2060material/home: :smile:"),
        ("at 10:30: fine, https://host:80/x and a::b", "at 10:30: fine, https://host:80/x and a::b"),
        ("`$HOME :red[x]` and $5", r"`$HOME :red[x]` and \$5"),
        ("```sh\necho $A $B :red[x]\n```\n$5", "```sh\necho $A $B :red[x]\n```\n\\$5"),
        ("```\nopen $A and", "```\nopen $A and"),
        ("~~~\n$A ``` $B\n~~~\n:red[x]", "~~~\n$A ``` $B\n~~~\n\\:red[x]"),
        ("![a](https://x.example/a.png)", r"\![a](https://x.example/a.png)"),
        (r"\![a](b) \\![c](d)", r"\![a](b) \\\![c](d)"),
        ("`![a](b)` and `x\n\n![a](b)`", "`![a](b)` and `x\n\n\\![a](b)`"),
        ("1. x\n    ```sh\n    echo $A ![a](b)\n    ```\n", "1. x\n    ```sh\n    echo $A ![a](b)\n    ```\n"),
        ("    ```\n\n![a](b)\n\n    ```", "    ```\n\n\\![a](b)\n\n    ```"),
        ("```mermaid\nA --> B\n```", "```mermaid\nA --> B\n```"),
        ('```mermaid\nA@{ img: "https://x.example" }\n```', '```\nA@{ img: "https://x.example" }\n```'),
    ],
)
def test_only_what_was_meant_acts(text: str, drawn: str) -> None:
    assert for_streamlit(text) == drawn


@given(st.text(st.sampled_from("ab $:[]`~\\\n(){}5"), max_size=60))
def test_nothing_but_escapes_and_math_signs_changes(text: str) -> None:
    def words(value: str) -> str:
        return "".join(character for character in value if character not in "\\$()[] \n")

    assert words(for_streamlit(text)) == words(text)


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    for_streamlit(text)


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Fog upon the gears\nteeth that turn\none bell", "Fog upon the gears  \nteeth that turn  \none bell"),
        ("Here:\n\nOne line\nAnother\n\nEnd", "Here:\n\nOne line  \nAnother\n\nEnd"),
        ("Shopping:\n- tea\n- coffee", "Shopping:\n- tea\n- coffee"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("Title\n=====\n", "Title\n=====\n"),
        (f"{'long ' * 20}\nline", f"{'long ' * 20}\nline"),
        ("```\na\nb\n```", "```\na\nb\n```"),
    ],
    ids=["verse", "between paragraphs", "list", "table", "heading", "wrapped", "code"],
)
def test_short_lines_stay_lines(written: str, drawn: str) -> None:
    assert for_streamlit(written) == drawn
