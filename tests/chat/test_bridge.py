"""Any stored history becomes a message list that any provider takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chat.bridge.enclosed import as_text, fitted
from core.chat.bridge.rendering import DEFAULT_CONTEXT_TOKENS, NO_ANSWER, RenderedHistory, render, room_for
from core.providers.request import text_in
from data.values.calls import ErrorKind
from data.values.messages import Author, Message, MessageStatus
from data.values.parts import ErrorPart, NoticePart, Part, ReasoningPart, TextFilePart, TextPart, UnknownPart, text_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
USER, ASSISTANT = Author.USER, Author.ASSISTANT


def history(*said: tuple[Author, str | tuple[Part, ...]]) -> list[Message]:
    return [
        Message(
            str(seq), "c1", seq, author, (TextPart(what),) if isinstance(what, str) else what,
            MessageStatus.COMPLETE, NOW,
        )
        for seq, (author, what) in enumerate(said, 1)
    ]  # fmt: skip


def ask(text: str) -> tuple[Part, ...]:
    return (TextPart(text),)


def roles_and_words(rendered: RenderedHistory) -> list[tuple[str, str]]:
    return [(message["role"], text_in(message)) for message in rendered.messages]


def tokens_for(chars: int) -> int:
    """The smallest context whose room holds `chars` characters."""
    return next(tokens for tokens in range(1, 100_000) if room_for(tokens) >= chars)


def test_a_first_prompt_goes_alone() -> None:
    assert roles_and_words(render([], ask("Hello"))) == [("user", "Hello")]


def test_the_conversation_goes_in_order_with_the_prompt_last() -> None:
    rendered = render(history((USER, "one"), (ASSISTANT, "two")), ask("three"))
    assert roles_and_words(rendered) == [("user", "one"), ("assistant", "two"), ("user", "three")]
    assert not rendered.is_cut


def test_the_system_prompt_comes_first() -> None:
    rendered = render(history((USER, "one"), (ASSISTANT, "two")), ask("three"), system_prompt="Be brief.")
    assert roles_and_words(rendered)[0] == ("system", "Be brief.")
    assert [role for role, _ in roles_and_words(rendered)] == ["system", "user", "assistant", "user"]


def test_a_blank_system_prompt_is_not_sent() -> None:
    assert roles_and_words(render([], ask("Hello"), system_prompt=" \n ")) == [("user", "Hello")]


@pytest.mark.parametrize(
    "nothing_said",
    [
        (),
        ask(""),
        ask(" \n "),
        (ErrorPart(ErrorKind.RATE_LIMIT, "Too many requests.", "Wait."),),
        (ReasoningPart("Thinking about it."),),
        (NoticePart("Older messages were left out."),),
        (UnknownPart({"type": "hologram"}),),
    ],
    ids=["no parts", "empty", "blank", "error", "reasoning", "notice", "unknown"],
)
def test_a_prompt_that_got_no_words_is_told_from_the_next_one(nothing_said: tuple[Part, ...]) -> None:
    rendered = render(history((USER, "one"), (ASSISTANT, nothing_said)), ask("two"))
    assert roles_and_words(rendered) == [("user", "one"), ("assistant", NO_ANSWER), ("user", "two")]
    assert not rendered.is_cut


def test_of_a_failed_answer_only_its_words_go() -> None:
    failed = (
        ReasoningPart("Hm."),
        TextPart("Half an"),
        ErrorPart(ErrorKind.STREAM_CUT, "It broke off.", "Try again."),
        NoticePart("Left out."),
    )
    rendered = render(history((USER, "one"), (ASSISTANT, failed)), ask("two"))
    assert roles_and_words(rendered)[1] == ("assistant", "Half an")


def test_the_oldest_go_first_when_the_room_is_short() -> None:
    said = history((USER, "a" * 40), (ASSISTANT, "b" * 40), (USER, "c" * 40), (ASSISTANT, "d" * 40))
    rendered = render(said, ask("e" * 40), context_tokens=tokens_for(120))
    assert roles_and_words(rendered) == [("user", "c" * 40), ("assistant", "d" * 40), ("user", "e" * 40)]
    assert rendered.is_cut


def test_a_cut_history_never_begins_with_an_answer_whose_question_is_gone() -> None:
    said = history((USER, "a" * 40), (ASSISTANT, "b" * 40))
    rendered = render(said, ask("e" * 40), context_tokens=tokens_for(80))
    assert roles_and_words(rendered) == [("user", "e" * 40)]
    assert rendered.is_cut


def test_a_long_message_in_the_middle_does_not_let_older_ones_overtake_it() -> None:
    said = history((USER, "old"), (ASSISTANT, "b" * 900), (USER, "new"), (ASSISTANT, "yes"))
    rendered = render(said, ask("now"), context_tokens=tokens_for(300))
    assert roles_and_words(rendered) == [("user", "new"), ("assistant", "yes"), ("user", "now")]


def test_the_newest_prompt_goes_even_when_it_alone_is_too_long() -> None:
    rendered = render(history((USER, "one"), (ASSISTANT, "two")), ask("x" * 5_000), context_tokens=100)
    assert roles_and_words(rendered) == [("user", "x" * 5_000)]
    assert rendered.is_cut


def test_the_system_prompt_takes_its_share_of_the_room() -> None:
    said = history((USER, "a" * 40), (ASSISTANT, "b" * 40))
    tokens = tokens_for(120)
    assert not render(said, ask("c" * 40), context_tokens=tokens).is_cut
    assert render(said, ask("c" * 40), system_prompt="s" * 40, context_tokens=tokens).is_cut


def test_a_quarter_of_the_context_is_kept_for_the_answer() -> None:
    assert room_for(1_000) == 750 * 4
    assert room_for(None) == room_for(DEFAULT_CONTEXT_TOKENS)


# Few lengths, so that histories often fill the room exactly.
_words = st.sampled_from(["", " \n ", "a", "b " * 5, "c" * 40])
_parts = st.one_of(
    st.builds(TextPart, _words),
    st.builds(TextFilePart, st.just("n"), _words, st.just(1)),
    st.builds(ReasoningPart, _words),
    st.builds(NoticePart, _words),
    st.just(ErrorPart(ErrorKind.PROVIDER, "It failed.")),
)
_said = st.lists(st.tuples(st.sampled_from(Author), st.lists(_parts, max_size=3).map(tuple)), max_size=12)
# What the product stores: a prompt, then its answer, which may be empty.
_turns = st.lists(st.tuples(_words.filter(str.strip), _words), max_size=8).map(
    lambda turns: [pair for asked, answered in turns for pair in ((USER, ask(asked)), (ASSISTANT, ask(answered)))]
)
_histories = st.one_of(_said, _turns)
_prompts = _words.filter(str.strip)
_contexts = st.integers(1, 120)
_many = settings(max_examples=300, deadline=None)


@_many
@given(_histories, _prompts, st.one_of(st.just(""), _words), _contexts)
def test_any_history_alternates_and_ends_with_the_prompt(
    said: list[tuple[Author, tuple[Part, ...]]], prompt: str, system_prompt: str, tokens: int
) -> None:
    rendered = render(history(*said), ask(prompt), system_prompt=system_prompt, context_tokens=tokens)
    messages = roles_and_words(rendered)
    assert all(content.strip() for _, content in messages)
    assert all(one != other for (one, _), (other, _) in pairwise(messages)), "neighbours of one role"
    assert all(role != "system" for role, _ in messages[1:])
    assert messages[-1][0] == "user"
    assert messages[-1][1].endswith(prompt)


@_many
@given(_histories, _prompts, _contexts)
def test_any_history_that_was_cut_begins_with_a_question(
    said: list[tuple[Author, tuple[Part, ...]]], prompt: str, tokens: int
) -> None:
    rendered = render(history(*said), ask(prompt), context_tokens=tokens)
    if rendered.is_cut:
        assert rendered.messages[0]["role"] == "user"


@_many
@given(_histories, _prompts, st.one_of(st.just(""), _words), _contexts)
def test_any_history_fits_the_room_beside_the_prompt(
    said: list[tuple[Author, tuple[Part, ...]]], prompt: str, system_prompt: str, tokens: int
) -> None:
    rendered = render(history(*said), ask(prompt), system_prompt=system_prompt, context_tokens=tokens)
    sent = sum(len(text_in(message)) for message in rendered.messages)
    joints = len(NO_ANSWER) * (len(said) + 1)  # what stands between two prompts or answers: the room is a rough rule
    assert sent <= max(room_for(tokens), len(prompt) + len(system_prompt)) + joints


@given(_turns, _prompts)
def test_nothing_said_is_lost_while_there_is_room(said: list[tuple[Author, tuple[Part, ...]]], prompt: str) -> None:
    rendered = render(history(*said), ask(prompt), context_tokens=100_000)
    everything = "\n\n".join(text_in(m) for m in rendered.messages if m["content"] != NO_ANSWER)
    spoken = [text_of(parts) for _, parts in said if text_of(parts).strip()]
    assert everything == "\n\n".join([*spoken, prompt])
    assert not rendered.is_cut


def fenced(name: str, text: str) -> str:
    return f"Attached file “{name}”:\n```\n{text}\n```"


def test_a_file_goes_as_fenced_text_under_its_name_before_what_was_typed() -> None:
    rendered = render([], (TextFilePart("notes.md", "# Notes", 7), TextPart("Sum up.")))
    assert roles_and_words(rendered) == [("user", fenced("notes.md", "# Notes") + "\n\nSum up.")]
    assert rendered.cut_files == ()


def test_a_file_goes_with_every_later_prompt() -> None:
    said = history((USER, (TextFilePart("a.csv", "1,2", 3),)), (ASSISTANT, "Two numbers."))
    assert roles_and_words(render(said, ask("And?")))[0] == ("user", fenced("a.csv", "1,2"))


@pytest.mark.parametrize("text", ["```", "a\n```\nb", "````python\n```", "`" * 9], ids=["3", "in lines", "4", "9"])
def test_a_file_can_t_step_out_of_its_fence(text: str) -> None:
    content = text_in(render([], (TextFilePart("a.md", text, 3),)).messages[0])
    _, opening, *inside, closing = content.split("\n")
    assert "\n".join(inside) == text
    assert opening == closing == "`" * len(opening)
    assert opening not in text


def test_a_file_that_is_too_long_is_cut_and_named_and_comes_back_whole() -> None:
    parts = (TextFilePart("short.txt", "s" * 40, 40), TextFilePart("long.txt", "l" * 4_000, 4_000), TextPart("Which?"))
    cut = render([], parts, context_tokens=500)
    content = text_in(cut.messages[0])
    assert cut.cut_files == ("long.txt",)
    assert "s" * 40 in content
    assert "of 4,000 characters]" in content
    assert content.endswith("Which?")
    assert len(content) <= room_for(500)
    whole = render([], parts, context_tokens=4_000)
    assert whole.cut_files == ()
    assert "l" * 4_000 in text_in(whole.messages[0])


def test_a_file_of_an_earlier_prompt_is_cut_rather_than_dropped() -> None:
    said = history((USER, (TextFilePart("long.txt", "l" * 4_000, 4_000), TextPart("Which?"))), (ASSISTANT, "This."))
    rendered = render(said, ask("Why?"), context_tokens=500)
    assert [role for role, _ in roles_and_words(rendered)] == ["user", "assistant", "user"]
    assert (rendered.cut_files, rendered.is_cut) == (("long.txt",), False)
    assert sum(len(text_in(message)) for message in rendered.messages) <= room_for(500)


_files = st.builds(
    TextFilePart, st.sampled_from(["a.md", "b.csv"]), st.text(alphabet="ab`\n", max_size=600), st.just(1)
)


@_many
@given(st.lists(_files, max_size=4), _words, st.integers(0, 2_000))
def test_files_fit_the_room_or_are_down_to_their_notes(files: list[TextFilePart], typed: str, room: int) -> None:
    result, cut = fitted((*files, TextPart(typed)), room)
    bare = as_text((*(replace(file, text="") for file in files), TextPart(typed)))
    fences = sum(2 * file.text.count("`") for file in files)
    assert result[-1] == TextPart(typed)
    assert len(as_text(result)) <= max(room, len(bare) + fences + 60 * len(files))
    assert set(cut) == {file.name for file, sent in zip(files, result[:-1], strict=True) if file != sent}
