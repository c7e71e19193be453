"""What fails alone leaves the rest, says why, and is made again alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core.errors import NotFound
from data.values.messages import MessageStatus
from data.values.parts import ImagePart, NoticePart, StepPart
from data.values.plans import Action
from tests.scenarios.checks import check
from tests.scenarios.drawn import CHANGE, FILM, PAINT, PAINT_IT, READ_IT, Drawing
from tests.scenarios.stage import CHAT, NOTHING, OTHER_CHAT, PLAYING, Stage, Told, staged

FAULTS = ("500", "401", "refused", "empty")
"""Ways to fail, of everything; a rate limit is none, it is waited out."""

MORE_FAULTS = {
    "chat": ("malformed", "cut"),
    "draw": ("malformed", "cut"),
    "edit": ("malformed", "cut"),
    "speak": ("cut",),
}
"""More of them: half of a sound cannot be told from a short one, and the file of a film is asked for until it comes."""


def broken(told: Told, action: Action) -> StepPart:
    """The part that failed: it says what was wrong, and what to do."""
    (part,) = told.of(action)
    assert part.state == "failed"
    assert part.problem is not None
    assert part.problem.message
    assert part.problem.remedy
    return part


def failing(drawing: Drawing, what: str) -> dict[str, str]:
    """The servers fail at this, in some way."""
    return {what: f"[[fault:{drawing.one((*FAULTS, *MORE_FAULTS.get(what, ())))}]]"}


def again(
    stage: Stage, told: Told, action: Action, *, model: str | None = None, orders: Mapping[str, str] = NOTHING
) -> Told:
    """The part made again, and the message checked: all else in it is as it was."""
    before = stage.messages(told.conversation_id)
    (part,) = told.of(action)
    made = check(stage, stage.again(told, part.step.id, model=model, orders=orders), before)
    assert made.reply.id == told.reply.id
    assert made.shape == told.shape
    for old, new in zip(told.steps, made.steps, strict=True):
        if old.state == "done":
            assert new == old, "what was there is untouched"
    return made


@pytest.mark.parametrize(
    ("what", "action", "states"),
    [
        ("chat", Action.WRITE, ["failed", "skipped", "skipped"]),
        ("draw", Action.DRAW, ["done", "failed", "done"]),
        ("speak", Action.SPEAK, ["done", "done", "failed"]),
    ],
    ids=["text", "image", "speech"],
)
def test_one_of_the_chain(stage: Stage, drawing: Drawing, what: str, action: Action, states: list[str]) -> None:
    prompt, _ = drawing.chain()
    told = check(stage, stage.ask(prompt, orders=failing(drawing, what)), prompt=prompt)
    assert (told.shape, told.states) == ("write draw<write speak<write", states)
    broken(told, action)
    for part in told.steps:
        if part.state == "skipped":
            assert part.problem is not None
            assert "text" in part.problem.message, "it says what it needs"


@pytest.mark.parametrize(
    ("what", "action"), [("edit", Action.EDIT), ("chat", Action.CHART), ("film", Action.FILM)], ids=str
)
def test_what_stands_alone(stage: Stage, drawing: Drawing, what: str, action: Action) -> None:
    rows = drawing.numbers()
    prompts = {
        "edit": drawing.one(CHANGE),
        "chat": f"Plot {', '.join(f'{city} {count}' for city, count in rows)} as a bar chart",
        "film": drawing.one(FILM).format(drawing.subject()),
    }
    before, conversation_id = [], None
    if what == "edit":
        first = stage.ask(drawing.one(PAINT).format(drawing.subject()))
        conversation_id = first.conversation_id
        before = stage.messages(conversation_id)
    prompt = prompts[what]
    told = check(stage, stage.ask(prompt, conversation_id, orders=failing(drawing, what)), before, prompt=prompt)
    assert told.states == ["failed"]
    broken(told, action)
    assert told.reply.status is MessageStatus.FAILED


@pytest.mark.parametrize(
    ("what", "action", "asked"),
    [
        ("chat", Action.WRITE, ["chat", "draw", "speak"]),
        ("draw", Action.DRAW, ["draw"]),
        ("speak", Action.SPEAK, ["speak"]),
    ],
    ids=["text", "image", "speech"],
)
def test_it_is_made_again_alone(stage: Stage, drawing: Drawing, what: str, action: Action, asked: list[str]) -> None:
    prompt, _ = drawing.chain()
    told = check(stage, stage.ask(prompt, orders=failing(drawing, what)), prompt=prompt)
    broken(told, action)
    made = again(stage, told, action)
    assert made.states == ["done"] * 3
    assert made.reply.status is MessageStatus.COMPLETE
    assert sorted(each.what for each in made.asked) == asked, "nothing is paid for again"


def test_it_fails_again_and_is_made_by_another_model(stage: Stage, drawing: Drawing) -> None:
    prompt, _ = drawing.chain()
    told = check(stage, stage.ask(prompt, orders=failing(drawing, "draw")), prompt=prompt)
    broken(told, Action.DRAW)
    told = again(stage, told, Action.DRAW, orders=failing(drawing, "draw"))
    broken(told, Action.DRAW)
    other = "studio/scripted-image-2"
    made = again(stage, told, Action.DRAW, model=other)
    assert made.states == ["done"] * 3
    assert made.of(Action.DRAW)[0].model == other
    details, before = made.reply.details, told.reply.details
    assert details is not None and before is not None
    assert other in details.models
    assert details.cost.amount is not None and before.cost.amount is not None
    assert details.cost.amount - before.cost.amount == made.of(Action.DRAW)[0].cost.amount


def test_a_part_that_went_well_is_made_again(stage: Stage, drawing: Drawing) -> None:
    prompt, _ = drawing.chain()
    told = check(stage, stage.ask(prompt), prompt=prompt)
    made = stage.again(told, told.of(Action.DRAW)[0].step.id, model="studio/scripted-image-2")
    assert made.states == ["done"] * 3
    assert [each.what for each in made.asked] == ["draw"]
    assert made.of(Action.WRITE) == told.of(Action.WRITE)
    assert made.of(Action.SPEAK) == told.of(Action.SPEAK)


def test_the_next_prompt_means_what_there_is(stage: Stage, drawing: Drawing) -> None:
    """A picture that failed is none to be changed: the text that stands there is painted."""
    prompt, _ = drawing.chain()
    told = check(stage, stage.ask(prompt, orders=failing(drawing, "draw")), prompt=prompt)
    before = stage.messages(told.conversation_id)
    prompt = drawing.one(PAINT_IT)
    painted = check(stage, stage.ask(prompt, told.conversation_id, model=OTHER_CHAT), before, prompt=prompt)
    assert (painted.shape, painted.states) == ("draw", ["done"])


def test_nobody_who_draws(stage: Stage, drawing: Drawing) -> None:
    with stage.without("scripted-image", "scripted-image-2"):
        prompt = drawing.joined(drawing.writing(drawing.subject())[0], drawing.one(PAINT_IT))
        told = check(stage, stage.ask(prompt), prompt=prompt)
        assert (told.shape, told.states) == ("write", ["done"])
        (said,) = [part for part in told.reply.parts if isinstance(part, NoticePart)]
        assert "Models page" in said.text
        prompt = drawing.one(PAINT).format(drawing.subject())
        alone = check(stage, stage.ask(prompt), prompt=prompt)
        assert (alone.shape, alone.states) == ("write", ["done"]), "it is answered in words, which say so"


def test_who_wants_no_parts(stage: Stage, drawing: Drawing) -> None:
    with stage.preferring(composes=False):
        told = stage.ask(drawing.chain()[0])
    assert told.steps == []
    assert told.reply.status is MessageStatus.COMPLETE
    assert {each.what for each in told.asked} == {"chat"}


def test_again_when_the_key_of_its_models_is_gone(tmp_path_factory: pytest.TempPathFactory, drawing: Drawing) -> None:
    with staged(tmp_path_factory.mktemp("gone")) as stage:
        prompt, _ = drawing.chain()
        told = check(stage, stage.ask(prompt, orders=failing(drawing, "draw")), prompt=prompt)
        (endpoint,) = [each for each in stage.services.connections.endpoints(stage.actor) if each.provider == "studio"]
        stage.services.keys.disconnect(stage.actor, endpoint.id)
        step_id = broken(told, Action.DRAW).step.id
        made = stage.again(told, step_id)
        assert made.states == ["done", "failed", "done"]
        assert made.asked == ()
        failed = broken(made, Action.DRAW)
        assert failed.problem is not None and "studio" in failed.problem.message.lower()
        with pytest.raises(NotFound):
            stage.again(told, step_id, model="studio/scripted-image-2")
        other = stage.again(told, step_id, model="sandbox/scripted-image")
        assert other.states == ["done"] * 3
        assert [each.what for each in other.asked] == ["draw"]
        assert other.of(Action.WRITE)[0].model == CHAT, "what is there says who made it, now as before"


@pytest.mark.parametrize(
    ("scope", "states"),
    [
        ("text", ["failed", "skipped", "skipped"]),
        ("image", ["done", "failed", "done"]),
        ("speech", ["done", "done", "failed"]),
    ],
    ids=["text", "image", "speech"],
)
def test_the_sandbox_fails_as_the_prompt_says(stage: Stage, drawing: Drawing, scope: str, states: list[str]) -> None:
    prompt = f"{drawing.chain()[0]} [[{scope}-fault:{drawing.one(FAULTS)}]]"
    told = check(stage, stage.ask(prompt, model=PLAYING), prompt=prompt)
    assert told.states == states
    made = stage.again(told, told.of(Action.DRAW)[0].step.id)
    assert "[[" not in "".join(picture.caption for picture in made.gave(ImagePart)), "an order is no caption"


def test_a_wish_with_nothing_to_read(stage: Stage, drawing: Drawing) -> None:
    """ "Read it aloud" as the first prompt of all ends in words or a sound, not in an error."""
    told = stage.ask(drawing.one(READ_IT))
    assert told.reply.status is MessageStatus.COMPLETE
