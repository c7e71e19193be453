"""Decisions in words that a colleague understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from data.values.routing import Arm, Chooser, Decision, Grade, Level
from data.values.tasks import Task

TASKS: Mapping[Task, str] = {
    Task.CODE: "code",
    Task.MATH: "mathematics",
    Task.WRITING: "writing",
    Task.REWRITE: "rewriting",
    Task.SUMMARIZE: "summaries",
    Task.TRANSLATE: "translation",
    Task.EXTRACT: "picking out facts",
    Task.QUESTION: "questions",
    Task.ANALYSIS: "analysis",
    Task.CHAT: "conversation",
    Task.IMAGE: "pictures",
    Task.SPEECH: "speech",
    Task.CHART: "charts",
    Task.VIDEO: "films",
    Task.OTHER: "this",
}
"""What people call the tasks: "Sonnet for code"."""

PINNED = "you pinned it, but "
"""How it begins why a pinned model does not answer."""

_WHO: Mapping[Level, str] = {
    Level.USER: "you rate it",
    Level.TEAM: "your team rates it",
    Level.ALL: "people here rate it",
}
_WHOSE: Mapping[Level, str] = {
    Level.USER: "your experience",
    Level.TEAM: "your team's experience",
    Level.ALL: "experience here",
}
_GOOD = 0.75
"""Of a model that did worse than expected: still nothing that speaks against it."""
_WIDE = 0.6
"""Of an interval: what is as wide says nothing."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision in words.

    Args:
        line: all of it in one line: "Sonnet for code: your team rates it A- (n=143), about $0.01".
        model: what people call the chosen model.
        cost: of the answer: "about $0.01"; "cost not known" where it is not.
        why: sentences that say why this model was taken.
        others: the other models that could answer, the best first, each with what speaks for it.
        unfit: the models that could not, each with why.
    """

    line: str
    model: str
    cost: str
    why: tuple[str, ...]
    others: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()


def explained(decision: Decision, labels: Mapping[str, str]) -> Explained:
    """See `Explained`. `labels` are what people call models, by id; one that is gone is called by its id."""
    model = labels.get(decision.chosen, decision.chosen)
    cost = cost_in_words(decision.arm.cost if decision.arm else None)
    task = "" if decision.task is Task.OTHER else f" for {TASKS[decision.task]}"
    others = tuple(_other(arm, decision, labels) for arm in decision.arms if arm.model_id != decision.chosen)
    return Explained(
        f"{model}{task}: {_reason(decision)}, {cost}",
        model,
        cost,
        tuple(_why(decision, labels)),
        others,
        tuple(f"{labels.get(each.model_id, each.model_id)}: {each.why}" for each in decision.unfit),
    )


def cost_in_words(cost: Decimal | None) -> str:
    """For example "about $0.01"; never zero for what nobody knows."""
    if cost is None:
        return "cost not known"
    if cost < Decimal("0.001"):
        return "under $0.001"
    return f"about ${cost:.2f}" if cost >= Decimal("0.01") else f"about ${cost:.3f}"


def _time_in_words(seconds: float) -> str:
    return "under a second" if seconds < 1 else f"about {seconds:.0f} s"


def _reason(decision: Decision) -> str:
    match decision.chooser:
        case Chooser.PERSON:
            return "you picked it"
        case Chooser.PIN:
            return "you pinned it to this task"
        case Chooser.FIXED:
            return "the usual model"
        case Chooser.POLICY:
            rated = _rated(decision.arm, decision)
            if not decision.explored and _speaks_against(
                decision.arm, decision
            ):  # taken all the same: the line says why
                least = (
                    "the only one that can answer" if len(decision.arms) == 1 else "no other is expected to do better"
                )
                return f"{least}, though {rated}"
            return f"a try, to learn whether it does better ({rated})" if decision.explored else rated


def _rated(arm: Arm | None, decision: Decision) -> str:
    """Who found it how good; what others published, where nobody here has said anything."""
    from data.learning.routing.priors import row_of

    if arm is None or not _is_told(arm):
        return "published figures speak for it" if arm and row_of(arm.model_id) else "nothing is known of it yet"
    if found := _grade(arm):
        return f"{_WHO[arm.seen_by]} {found.value} (n={arm.seen:.0f})"
    if _expected(arm, decision):
        speaks = "speaks for it"
    else:
        speaks = "speaks against it" if _speaks_against(arm, decision) else "is mixed"
    return f"{_WHOSE[arm.seen_by]} so far {speaks} (n={max(1, round(arm.seen))})"


def _speaks_against(arm: Arm | None, decision: Decision) -> bool:
    """Whether, while it is too early for a grade, what people showed makes less of it than was expected, and little."""
    if arm is None or not _is_told(arm) or _grade(arm) is not None:
        return False
    return not _expected(arm, decision) and _as_rated(arm)[0] < _GOOD


def _is_told(arm: Arm) -> bool:
    """Whether so much was seen that it is spoken of; of the person's own it always is."""
    from data.learning.routing.grades import OBSERVATIONS_AT_LEAST

    return arm.seen_by is Level.USER or arm.seen >= OBSERVATIONS_AT_LEAST


def _grade(arm: Arm) -> Grade | None:
    from data.learning.routing.grades import grade

    return grade(*_as_rated(arm), arm.seen)


def _expected(arm: Arm, decision: Decision) -> bool:
    """Whether it is found to be at least as good as published figures say."""
    from data.learning.routing.priors import priors

    published = priors(arm.model_id)
    tasks = decision.tasks or {decision.task: 1.0}
    expected = sum(share * published[task].quality for task, share in tasks.items()) / sum(tasks.values())
    return _as_rated(arm)[0] >= expected


def _as_rated(arm: Arm) -> tuple[float, float, float]:
    """The quality, with its interval, as those see it whose word it is."""
    return arm.rated or (arm.quality, arm.low, arm.high)


def _why(decision: Decision, labels: Mapping[str, str]) -> Iterator[str]:
    """Sentence by sentence."""
    yield from _chosen_by(decision, labels)
    if decision.task is not Task.OTHER and (share := decision.tasks.get(decision.task)):
        yield f"The prompt reads like {TASKS[decision.task]} ({share:.0%} sure)."
    arm = decision.arm
    if arm is not None and decision.chooser is not Chooser.FIXED and _is_told(arm):
        quality, low, high = (100 * each for each in _as_rated(arm))
        if high - low < 100 * _WIDE:
            yield f"Of 100 such answers of it about {quality:.0f} are expected to be good ({low:.0f} to {high:.0f})."
    if arm is not None and arm.cost is not None:
        took = "" if arm.seconds is None else f", and takes {_time_in_words(arm.seconds)}"
        yield f"This answer costs {cost_in_words(arm.cost)}{took}."
    elif arm is not None:
        yield "What it costs is not known: no price is listed."
    for each in decision.unfit:
        if each.why.startswith(PINNED):
            yield f"{labels.get(each.model_id, each.model_id)}: {each.why}."


def _chosen_by(decision: Decision, labels: Mapping[str, str]) -> Iterator[str]:
    match decision.chooser:
        case Chooser.PERSON if decision.overrules is not None:
            yield "You picked this model yourself, for this prompt."
        case Chooser.PERSON:
            yield "You picked this model yourself; it stays with this conversation."
        case Chooser.PIN:
            yield f"You pinned this model to {TASKS[decision.task]}."
        case Chooser.FIXED:
            yield "Nothing was weighed: choosing is off, not ready yet, or no model could take all of it."
        case Chooser.POLICY if decision.explored:
            best = decision.arms[0].model_id
            yield "Now and then another model is tried, so that a better one is found."
            yield f"Expected to do best was {labels.get(best, best)}."
        case Chooser.POLICY:
            yield _best_of(decision)


def _best_of(decision: Decision) -> str:
    """Why the model that looked best was taken, also where little speaks for it."""
    count = len(decision.arms)
    if count == 1:
        return "It is the only model that can answer this."
    if _speaks_against(decision.arm, decision):
        return f"Of {count} models that can answer this no other is expected to do better, cost and time counted in."
    return f"Of {count} models that can answer this it is expected to do best, cost and time counted in."


def standing(arm: Arm | None) -> str:
    """The grade of a model that could be picked, and whose it is; that there is none yet."""
    found = None if arm is None else _grade(arm)
    if arm is None or found is None:
        return "no grade yet"
    return f"{_WHO[arm.seen_by]} {found.value} (n={arm.seen:.0f})"


def _other(arm: Arm, decision: Decision, labels: Mapping[str, str]) -> str:
    return f"{labels.get(arm.model_id, arm.model_id)}: {_rated(arm, decision)}, {cost_in_words(arm.cost)}"
