"""Questions of a running answer to its person."""

from __future__ import annotations

import asyncio
import threading

import pytest

from core.chat.questions import Questions


async def test_an_answer_from_another_thread_reaches_whoever_asked() -> None:
    questions = Questions()
    with questions.asking("a") as said:
        assert questions.are_open
        answered = await asyncio.to_thread(questions.answer, "a", "yes")
        assert answered
        assert await said == "yes"
    assert not questions.are_open


async def test_only_the_first_answer_counts() -> None:
    questions = Questions()
    with questions.asking("a") as said:
        told = [questions.answer("a", word) for word in ("yes", "no")]
        assert told == [True, False]
        assert await said == "yes"
    assert not questions.answer("a", "late")


async def test_a_question_that_was_given_up_takes_no_answer() -> None:
    questions = Questions()
    with pytest.raises(TimeoutError), questions.asking("a") as said:
        async with asyncio.timeout(0.01):
            await said
    assert not questions.are_open
    assert not questions.answer("a", "yes")


async def test_each_question_has_its_own_answer() -> None:
    questions = Questions()
    with questions.asking("a") as first, questions.asking("b") as second:
        thread = threading.Thread(target=lambda: [questions.answer("b", 2), questions.answer("a", 1)])
        thread.start()
        assert [*await asyncio.gather(first, second)] == [1, 2]
        thread.join()
