"""Replies in parts one after another: what "it" means, whichever model is chatted with, and whatever came with it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest
from PIL import Image

from core.chat.attachments import Attachment
from data.values.parts import AudioPart, ChartPart, ImagePart, StepPart, text_of
from data.values.plans import Action, Input
from tests.scenarios.checks import check
from tests.scenarios.drawn import CHANGE, PAINT, PAINT_IT, READ_IT, Drawing, charted
from tests.scenarios.stage import CHAT, NOTHING, OTHER_CHAT, PLAYING, Stage, Told


class Talk:
    """One conversation; every reply in it is checked, and that nothing before it changed."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.conversation_id: str | None = None

    def say(
        self,
        prompt: str,
        *,
        model: str = CHAT,
        files: Sequence[Attachment] = (),
        orders: Mapping[str, str] = NOTHING,
    ) -> Told:
        """Have it answered in parts."""
        before = self.stage.messages(self.conversation_id) if self.conversation_id else []
        told = self.stage.ask(prompt, self.conversation_id, model=model, files=files, orders=orders)
        self.conversation_id = told.conversation_id
        return check(self.stage, told, before, prompt=prompt)

    def chat(self, prompt: str, *, model: str = CHAT) -> Told:
        """Have it answered in words."""
        told = self.stage.ask(prompt, self.conversation_id, model=model)
        self.conversation_id = told.conversation_id
        assert told.steps == []
        return told


@pytest.fixture
def talk(stage: Stage) -> Talk:
    return Talk(stage)


@pytest.fixture
def others(drawing: Drawing) -> list[str]:
    """The chat models in some order: one for each turn that follows."""
    return drawing.rng.sample([OTHER_CHAT, PLAYING, CHAT], 3)


def png(drawing: Drawing) -> Attachment:
    out = io.BytesIO()
    color = tuple(drawing.rng.randrange(256) for _ in range(3))
    Image.new("RGB", (96, 64), color).save(out, "PNG")
    return Attachment(f"{drawing.one(['harbour', 'garden', 'street'])}.png", out.getvalue())


def csv(rows: list[tuple[str, int]]) -> Attachment:
    lines = "".join(f"{city},{count}\n" for city, count in rows)
    return Attachment("counts.csv", f"city,count\n{lines}".encode())


def digests(part: StepPart) -> list[str]:
    return [each.digest for each in part.step.earlier if each.kind is Input.IMAGE]


def test_a_picture_is_changed_by_words_on_another_model(talk: Talk, drawing: Drawing, others: list[str]) -> None:
    first = talk.say(drawing.one(PAINT).format(drawing.subject()))
    (drawn,) = first.gave(ImagePart)
    second = talk.say(drawing.one(CHANGE), model=others[0])
    assert (second.shape, second.states) == ("edit", ["done"])
    assert digests(second.steps[0]) == [drawn.blob.digest]
    (changed,) = second.gave(ImagePart)
    assert changed.blob.digest != drawn.blob.digest
    third = talk.say(drawing.one(CHANGE), model=others[1])
    assert digests(third.steps[0]) == [changed.blob.digest], "the last one is meant"


def test_a_picture_is_changed_after_something_was_said(talk: Talk, drawing: Drawing, others: list[str]) -> None:
    (drawn,) = talk.say(drawing.one(PAINT).format(drawing.subject())).gave(ImagePart)
    talk.say(f"say this aloud: “{drawing.words()}”", model=others[0])
    told = talk.say(drawing.one((*CHANGE, "can you make the sky a bit darker?")), model=others[1])
    assert (told.shape, told.states) == ("edit", ["done"])
    assert digests(told.steps[0]) == [drawn.blob.digest]


def test_a_text_of_before_is_painted_and_read(talk: Talk, drawing: Drawing, others: list[str]) -> None:
    subject = drawing.subject()
    written = text_of(talk.chat(drawing.writing(subject)[0]).reply.parts)
    painted = talk.say(drawing.one(PAINT_IT), model=others[0])
    assert painted.shape == "draw"
    assert any(subject.casefold() in each.words.casefold() for each in painted.asked), "the text goes along"
    heard = talk.say(drawing.one(["read the text aloud", "now read your text aloud"]), model=others[1])
    assert heard.shape == "speak"
    (sound,) = heard.gave(AudioPart)
    assert sound.transcript.split()[:4] == written.split()[:4]


def test_what_was_said_is_said_in_another_language(talk: Talk, drawing: Drawing, others: list[str]) -> None:
    talk.say(f"{drawing.writing(drawing.subject())[0]} and {drawing.one(READ_IT[:2])}")
    language = drawing.one(["Spanish", "German", "French", "Italian"])
    told = talk.say(f"now say it aloud in {language}", model=others[0])
    assert (told.shape, told.states) == ("write speak<write", ["done", "done"])
    assert language in told.of(Action.WRITE)[0].step.instruction
    (step,) = told.of(Action.WRITE)
    assert step.step.earlier, "it is translated from what was said"


def test_across_all_modalities_and_models(talk: Talk, drawing: Drawing, others: list[str]) -> None:
    prompt, _ = drawing.chain()
    first = talk.say(prompt, model=others[0])
    (drawn,) = first.gave(ImagePart)
    changed = talk.say(drawing.one(CHANGE), model=others[1])
    assert digests(changed.steps[0]) == [drawn.blob.digest]
    said = talk.say("say the text aloud in Spanish", model=others[2])
    assert said.shape == "write speak<write"
    chat = talk.chat("Thank you, that is all.", model=others[0])
    assert chat.reply.details is not None
    assert len(talk.stage.messages(str(talk.conversation_id))) == 8


def test_a_picture_that_comes_along_is_changed(talk: Talk, drawing: Drawing) -> None:
    file = png(drawing)
    told = talk.say(drawing.one(CHANGE), files=(file,))
    assert (told.shape, told.states) == ("edit", ["done"])
    (step,) = told.steps
    assert [each.name for each in step.step.earlier] == [file.name]
    (made,) = told.gave(ImagePart)
    assert (made.width, made.height) == (96, 64)


def test_a_table_that_comes_along_is_plotted_and_then_otherwise(
    talk: Talk, drawing: Drawing, others: list[str]
) -> None:
    rows = drawing.numbers()
    told = talk.say("plot it as a bar chart", files=[csv(rows)], orders=charted(rows))
    assert (told.shape, told.states) == ("chart", ["done"])
    assert rows[0][0] in "".join(each.words for each in told.asked), "the model sees the numbers"
    again = talk.say("plot that as a line chart instead", orders=charted(rows, "line"))
    assert (again.shape, again.states) == ("chart", ["done"])
    (step,) = again.steps
    assert step.step.earlier and rows[0][0] in step.step.earlier[0].text, "the numbers of before are meant"
    (chart,) = again.gave(ChartPart)
    assert chart.figure["data"][0]["type"] == "scatter"


def test_what_was_said_is_painted(talk: Talk, drawing: Drawing) -> None:
    words = drawing.words()
    talk.say(f"say this aloud: “{words}”")
    told = talk.say(drawing.one(PAINT_IT))
    assert told.shape.split()[-1].startswith("draw")
    assert any(words in each.words for each in told.asked)
