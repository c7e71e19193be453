"""A prompt with files: what is stored, what a model is sent, and what is refused."""

from __future__ import annotations

import pytest

from core.chat.attachments import Attachment
from core.chat.service import PROMPT_CHARS
from core.errors import GearboxError
from data.values.parts import TextFilePart, TextPart
from tests.chat.house import ChatHouse, ended
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE

NOTES = Attachment("notes.md", b"# Notes")
FENCED = "Attached file “notes.md”:\n```\n# Notes\n```"
OK = "[[pace:instant]][[say:ok]]"


def test_a_file_is_kept_with_the_prompt_and_goes_with_it_and_with_the_next(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    turn = ended(house.chat.send(ALICE, None, OK, house.choice(), files=[NOTES]))
    assert house.messages(turn)[0].parts == (TextFilePart("notes.md", "# Notes", 7), TextPart(OK))
    assert sandbox.messages == [("user", f"{FENCED}\n\n{OK}")]
    house.ask(OK, turn.begun.conversation_id)
    assert sandbox.messages[0] == ("user", f"{FENCED}\n\n{OK}")


def test_a_file_alone_is_a_prompt_and_names_the_conversation(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    turn = ended(house.chat.send(ALICE, None, " \n", house.choice(), files=[NOTES]))
    assert house.messages(turn)[0].parts == (TextFilePart("notes.md", "# Notes", 7),)
    assert sandbox.messages == [("user", FENCED)]
    assert [card.title for card in house.chat.conversations(ALICE)] == ["notes.md"]
    ended(house.chat.retry(ALICE, turn.begun.conversation_id, house.choice()))
    assert sandbox.messages == [("user", FENCED)]


@pytest.mark.parametrize(
    ("prompt", "content", "said"),
    [
        ("Read this", b"%PDF-1.7", "a PDF document"),
        ("x" * PROMPT_CHARS, b"y", "400,001 characters, its files included"),
    ],
    ids=["no text", "too long together"],
)
def test_a_file_that_can_t_go_stores_and_sends_nothing(
    house: ChatHouse, sandbox: RecordedSandbox, prompt: str, content: bytes, said: str
) -> None:
    with pytest.raises(GearboxError, match=said):
        house.chat.send(ALICE, None, prompt, house.choice(), files=[Attachment("a.txt", content)])
    assert house.chat.conversations(ALICE) == []
    assert sandbox.calls == []
