"""One prompt, one reply: each kind of content alone, in pairs, in the chain of three, in whatever order it is asked."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from data.values.messages import MessageStatus
from data.values.parts import AudioPart, ChartPart, ImagePart, VideoPart, text_of
from data.values.plans import Action
from tests.scenarios.checks import check
from tests.scenarios.drawn import FILM, PAINT, PAINT_IT, READ_IT, READ_POEM, SAY, Drawing, charted
from tests.scenarios.languages import LANGUAGES
from tests.scenarios.stage import CHAT, NOTHING, OTHER_CHAT, PLAYING, Stage, Told


def asked(stage: Stage, prompt: str, *, model: str = CHAT, orders: Mapping[str, str] = NOTHING) -> Told:
    return check(stage, stage.ask(prompt, model=model, orders=orders), prompt=prompt)


def told_of(told: Told, *actions: Action) -> list[str]:
    return [part.step.instruction for part in told.of(*actions)]


def test_words_alone_go_the_way_they_always_went(stage: Stage, drawing: Drawing) -> None:
    told = stage.ask(drawing.writing(drawing.subject())[0])
    assert told.steps == []
    assert told.reply.status is MessageStatus.COMPLETE
    assert [each.what for each in told.asked] == ["chat"]


def test_a_picture_alone(stage: Stage, drawing: Drawing) -> None:
    subject = drawing.subject()
    told = asked(stage, drawing.one(PAINT).format(subject))
    assert (told.shape, told.states) == ("draw", ["done"])
    assert subject.casefold() in told_of(told, Action.DRAW)[0].casefold()
    assert [each.what for each in told.asked] == ["draw"], "nobody is paid for words that were not asked for"


def test_a_voice_alone(stage: Stage, drawing: Drawing) -> None:
    words = drawing.words()
    told = asked(stage, drawing.one(SAY).format(words))
    assert (told.shape, told.states) == ("speak", ["done"])
    assert [sound.transcript for sound in told.gave(AudioPart)] == [words]


def test_a_chart_alone(stage: Stage, drawing: Drawing) -> None:
    rows = drawing.numbers()
    prompt = f"Plot this as a bar chart: {', '.join(f'{city} {count}' for city, count in rows)}"
    told = asked(stage, prompt, orders=charted(rows))
    assert (told.shape, told.states) == ("chart", ["done"])
    (chart,) = told.gave(ChartPart)
    assert list(chart.figure["data"][0]["x"]) == [city for city, _ in rows]


def test_a_film_alone(stage: Stage, drawing: Drawing) -> None:
    subject = drawing.subject()
    told = asked(stage, drawing.one(FILM).format(subject))
    assert (told.shape, told.states) == ("film", ["done"])
    assert subject.casefold() in told_of(told, Action.FILM)[0].casefold()
    assert len(told.gave(VideoPart)) == 1


def test_a_text_and_a_picture_of_it(stage: Stage, drawing: Drawing) -> None:
    subject = drawing.subject()
    told = asked(stage, drawing.joined(drawing.writing(subject)[0], drawing.one(PAINT_IT)))
    assert (told.shape, told.states) == ("write draw<write", ["done", "done"])
    assert subject.casefold() in told_of(told, Action.DRAW)[0].casefold(), "the picture is told what it is of"


def test_a_text_and_its_reading(stage: Stage, drawing: Drawing) -> None:
    written, _ = drawing.writing(drawing.subject())
    told = asked(stage, drawing.joined(written, drawing.one(READ_IT)))
    assert (told.shape, told.states) == ("write speak<write", ["done", "done"])


def test_a_text_and_a_picture_of_something_else(stage: Stage, drawing: Drawing) -> None:
    one, other = drawing.subject(), drawing.one(["a red door", "two cats", "a green parrot", "an old lamp"])
    told = asked(stage, drawing.joined(drawing.writing(one)[0], f"a picture of {other}"))
    assert (told.shape, told.states) == ("write draw", ["done", "done"])
    assert other in told_of(told, Action.DRAW)[0]


def test_a_picture_and_a_film_of_it(stage: Stage, drawing: Drawing) -> None:
    told = asked(stage, f"Paint {drawing.subject()} and animate it")
    assert (told.shape, told.states) == ("draw film<draw", ["done", "done"])


def test_a_chart_and_a_text_about_it(stage: Stage, drawing: Drawing) -> None:
    rows = drawing.numbers()
    listed = ", ".join(f"{city} {count}" for city, count in rows)
    told = asked(stage, f"Make a bar chart of {listed} and explain it in two sentences", orders=charted(rows))
    assert sorted(part.step.action for part in told.steps) == [Action.CHART, Action.WRITE]
    assert set(told.states) == {"done"}


@pytest.mark.parametrize("model", [CHAT, OTHER_CHAT, PLAYING], ids=["tools", "no-tools", "sandbox"])
def test_a_text_a_picture_of_it_and_its_reading(stage: Stage, drawing: Drawing, model: str) -> None:
    prompt, subject = drawing.chain()
    told = asked(stage, prompt, model=model)
    assert (told.shape, told.states) == ("write draw<write speak<write", ["done"] * 3)
    assert told.reply.status is MessageStatus.COMPLETE
    assert subject.casefold() in told_of(told, Action.DRAW)[0].casefold()
    assert told.of(Action.WRITE)[0].model == model
    provider = model.partition("/")[0]
    assert all(part.model.startswith(provider) for part in told.steps), "who is chatted with is asked for all of it"
    assert {each.what for each in told.asked} == {"chat", "draw", "speak"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chain_in_another_language(stage: Stage, drawing: Drawing, language: str) -> None:
    told = asked(stage, drawing.chain_in(language))
    assert (told.shape, told.states) == ("write draw<write speak<write", ["done"] * 3)
    assert len(told.asked) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_in_another_language(stage: Stage, drawing: Drawing, language: str) -> None:
    known = LANGUAGES[language]
    told = asked(stage, drawing.one(known.alone).format(drawing.one(known.subjects)))
    assert (told.shape, told.states) == ("draw", ["done"])


def test_the_order_of_the_words_is_the_order_of_the_reply(stage: Stage, drawing: Drawing) -> None:
    subject = drawing.subject()
    name = drawing.one(["haiku", "poem", "story"])
    told = asked(
        stage,
        f"{drawing.one(PAINT[:2]).format(subject)}, write a {name} about it and {drawing.one(READ_POEM)}".format(name),
    )
    assert told.shape.split()[0] == "draw" and told.shape.split()[1].startswith("write")
    assert told.shape.split()[2] == "speak<write"
    assert set(told.states) == {"done"}


def test_several_pictures_of_one_text(stage: Stage, drawing: Drawing) -> None:
    written, name = drawing.writing(drawing.subject())
    count = drawing.rng.choice([2, 3])
    told = asked(stage, f"{written} and draw {({2: 'two', 3: 'three'})[count]} pictures of it")
    assert told.shape == " ".join(["write", *["draw<write"] * count])
    assert len({picture.blob.digest for picture in told.gave(ImagePart)}) == count, f"of one {name} no two are alike"


def test_all_is_one_text_for_who_reads_on(stage: Stage, drawing: Drawing) -> None:
    prompt, subject = drawing.chain()
    told = asked(stage, prompt)
    words = text_of(told.of(Action.WRITE)[0].parts)
    after = stage.ask(f"Thanks. What did you write about {subject}?", told.conversation_id)
    assert after.steps == []
    (request,) = after.asked
    assert words[:40] in request.words, "who answers next has read the reply"
