"""A prompt with files: what is stored, what a model is sent, and what is refused."""

from __future__ import annotations

import base64
import io
import sqlite3

import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image

from core.chat.attachments import Attachment
from core.chat.said import PROMPT_CHARS
from core.chat.selection import Choice
from core.errors import GearboxError, NotFound
from core.sandbox.sounds import speak
from data.values.parts import AudioPart, FilePart, ImagePart, NoticePart, TextFilePart, TextPart, pictures_in, text_of
from tests.chat.house import ChatHouse, ended
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.documents.made import pdf
from tests.people import ALICE, BOB

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
        ("Read this", b"%PDF-1.7", "can't be read: it"),
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


def _picture() -> Attachment:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return Attachment("cat.png", out.getvalue())


def _choice_of(house: ChatHouse, model_id: str) -> Choice:
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked=model_id, history=[])
    assert choice is not None and choice.model.id == model_id
    return choice


SEEING, BLIND = "sandbox/scripted", "sandbox/scripted-no-tools"


def test_a_picture_goes_to_models_that_see_and_to_others_in_words_and_comes_back(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    turn = ended(house.chat.send(ALICE, None, OK, _choice_of(house, SEEING), files=[_picture()]))
    chat = turn.begun.conversation_id
    prompt, answer = house.messages(turn)
    picture = prompt.parts[0]
    assert isinstance(picture, ImagePart) and (picture.name, picture.width, picture.height) == ("cat.png", 40, 30)
    assert not [part for part in answer.parts if isinstance(part, NoticePart)]
    (seen, typed) = sandbox.calls[-1]["messages"][0]["content"]
    assert seen["image_url"]["url"].startswith("data:image/png;base64,")
    assert typed == {"type": "text", "text": OK}

    ended(house.chat.send(ALICE, chat, OK, _choice_of(house, BLIND)))
    assert sandbox.calls[-1]["messages"][0]["content"] == (
        f"[Picture “cat.png”: 40 × 30 pixels, PNG. You can't see it.]\n\n{OK}"
    )
    (notice,) = [part for part in house.messages(turn)[-1].parts if isinstance(part, NoticePart)]
    assert notice.text == f"{BLIND} was not shown “cat.png”, only told of it in words."

    ended(house.chat.send(ALICE, chat, OK, _choice_of(house, SEEING)))
    assert sandbox.calls[-1]["messages"][0]["content"] == [seen, typed]
    ended(house.chat.retry(ALICE, chat, _choice_of(house, SEEING)))
    assert sandbox.calls[-1]["messages"][0]["content"] == [seen, typed]
    assert not [part for part in house.messages(turn)[-1].parts if isinstance(part, NoticePart)]


def test_a_picture_alone_is_a_prompt_and_its_preview_is_its_persons_only(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    turn = ended(house.chat.send(ALICE, None, "", _choice_of(house, SEEING), files=[_picture()]))
    chat = turn.begun.conversation_id
    assert [card.title for card in house.chat.conversations(ALICE)] == ["cat.png"]
    pictures = pictures_in(house.messages(turn)[0].parts)
    assert house.chat.previews(ALICE, chat, pictures)[pictures[0].blob.digest].startswith(b"RIFF")
    assert house.chat.previews(ALICE, chat, []) == {}
    with pytest.raises(NotFound):
        house.chat.previews(BOB, chat, pictures)
    house.chat.delete(ALICE, chat)
    assert house.rows("SELECT count(*) FROM blobs") == [(0,)]


def test_a_picture_that_is_gone_from_the_store_does_not_brick_the_chat(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    turn = ended(house.chat.send(ALICE, None, OK, _choice_of(house, SEEING), files=[_picture()]))
    with sqlite3.connect(house.path) as connection:
        connection.execute("DELETE FROM blobs")
    connection.close()
    ended(house.chat.send(ALICE, turn.begun.conversation_id, OK, _choice_of(house, SEEING)))
    assert "“cat.png”" in sandbox.calls[-1]["messages"][0]["content"]


def test_a_document_goes_as_its_text_and_the_answer_says_so_once(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    files = [Attachment("plan.pdf", pdf("Ship it")), Attachment("scan.pdf", pdf(""))]
    turn = ended(house.chat.send(ALICE, None, OK, house.choice(), files=files))
    prompt, answer = house.messages(turn)
    assert [(part.name, part.blob.size) for part in prompt.parts if isinstance(part, FilePart)] == [
        ("plan.pdf", len(files[0].content)),
        ("scan.pdf", len(files[1].content)),
    ]
    read = "Attached file “plan.pdf”:\n```\n[Page 1]\nShip it\n```"
    scan = "[Document “scan.pdf”, application/pdf. There is no text in it that could be read.]"
    assert sandbox.messages == [("user", f"{read}\n\n{scan}\n\n{OK}")]
    unread = f"{SEEING} was told of “scan.pdf” by name only: no text was found to send."
    assert [part.text for part in answer.parts if isinstance(part, NoticePart)] == [
        f"“plan.pdf” went to {SEEING} as text, without pictures and layout.",
        unread,
    ]
    house.ask(OK, turn.begun.conversation_id)
    assert sandbox.messages[0] == ("user", f"{read}\n\n{scan}\n\n{OK}")
    assert [part.text for part in house.messages(turn)[-1].parts if isinstance(part, NoticePart)] == [unread]


def test_a_table_in_parquet_is_kept_for_tools_and_a_model_reads_its_first_rows(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"month": ["May"] * 30, "n": [3] * 30}), out)
    table = out.getvalue()
    turn = ended(house.chat.send(ALICE, None, OK, house.choice(), files=[Attachment("a.parquet", table)]))
    (document, _) = house.messages(turn)[0].parts
    assert isinstance(document, FilePart) and document.blob.media_type == "application/vnd.apache.parquet"
    stored = house.store.blobs.content(ALICE.user_id, turn.begun.conversation_id, document.blob.digest)
    assert stored == table
    assert sandbox.messages[0][1].count("May,3") == 20 and "of 30 rows the first" in sandbox.messages[0][1]


def test_of_a_large_table_a_model_reads_the_head_and_the_answer_says_so_once(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    rows = b"month,n\n" + b"May,3\n" * 40_000
    turn = ended(house.chat.send(ALICE, None, OK, house.choice(), files=[Attachment("many.csv", rows)]))
    ((_, sent),) = sandbox.messages
    assert sent.startswith("Attached file “many.csv”:\n```\nmonth,n\nMay,3\n") and "of 40,001 lines" in sent
    assert len(sent) < 500
    (notice,) = [part.text for part in house.messages(turn)[-1].parts if isinstance(part, NoticePart)]
    assert notice == f"{SEEING} was sent the first lines of “many.csv”; tools that query data read all."
    house.ask(OK, turn.begun.conversation_id)
    assert not [part for part in house.messages(turn)[-1].parts if isinstance(part, NoticePart)]


def test_a_sound_is_played_to_models_that_hear_and_told_of_to_others(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    talk = Attachment("talk.wav", speak("Buy tea"))
    turn = ended(house.chat.send(ALICE, None, "What is said?", _choice_of(house, SEEING), files=[talk]))
    chat = turn.begun.conversation_id
    (sound,) = house.messages(turn)[0].parts[:1]
    assert isinstance(sound, AudioPart) and sound.seconds and 0.1 < sound.seconds < 5  # as long as the words
    content = sandbox.calls[-1]["messages"][0]["content"]
    assert [part["type"] for part in content] == ["input_audio", "text"]
    assert content[0]["input_audio"]["format"] == "wav"
    assert base64.b64decode(content[0]["input_audio"]["data"]) == talk.content
    assert text_of(house.messages(turn)[-1].parts).startswith("I am the sandbox and heard: Buy tea")
    assert house.chat.file(ALICE, chat, sound.blob) == talk.content

    ended(house.chat.send(ALICE, chat, OK, _choice_of(house, BLIND)))
    assert f"[Sound “talk.wav”, {sound.seconds:.1f} seconds." in sandbox.messages[0][1]
    assert "was not played “talk.wav”" in str(house.messages(turn)[-1].parts[0])
    ended(house.chat.send(ALICE, chat, OK, _choice_of(house, SEEING)))
    assert sandbox.calls[-1]["messages"][0]["content"] == content, "it comes back"


def test_a_sound_alone_names_the_conversation(house: ChatHouse) -> None:
    ended(house.chat.send(ALICE, None, "", house.choice(), files=[Attachment("talk.wav", speak("Tea"))]))
    assert [card.title for card in house.chat.conversations(ALICE)] == ["talk.wav"]
