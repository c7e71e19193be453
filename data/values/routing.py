"""Which model answers and why: decisions, what people showed of their outcome, and what is known of models by task.

What is stored is keyed by the names of these enums for ever: add members, never rename one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from data.values.tasks import Task


class Chooser(StrEnum):
    """How a model came to be chosen. Only the policy's own choices have a propensity, and are judged as its own."""

    POLICY = "policy"  # what was learned
    PIN = "pin"  # the person pinned a model to the task
    FIXED = "fixed"  # the fixed default: learning is off for the person, not ready, or failed
    PERSON = "person"  # the person picked it


class Level(StrEnum):
    """Whose experience a statistic is of."""

    ALL = "all"
    TEAM = "team"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts for a person: lambda and mu of `reward = quality - cost_weight * cost - speed_weight * latency`.

    Cost and latency are shares of a usual answer's, see `data.learning.routing.reward`; 0: they don't count.
    """

    cost: float = 0.1
    speed: float = 0.05


@dataclass(frozen=True, slots=True)
class Arm:
    """A model that could answer, as the decision saw it.

    Args:
        model_id: `provider/name`.
        quality: posterior mean, in [0, 1].
        low, high: its 90 % credible interval.
        n: effective number of the observations behind it, the prior's pseudo-counts not among them.
        cost: of this answer, estimated, US dollars; None: unpriced, which is never zero.
        seconds: until the whole answer, estimated; None: not known.
        reward: expected, quality with cost and speed weighed in.
        is_new: so few observations that its share of the traffic is capped.
        seen_by: whose experience says something of it: the person's own where there is enough, else their teams', else
            everybody's. `seen` is how many observations that is, effectively.
        rated: the quality as those see it, with its 90 % credible interval, which is to be shown; None where that was
            not kept. What the person is expected to find is another thing: `quality`.
    """

    model_id: str
    quality: float
    low: float
    high: float
    n: float
    cost: Decimal | None = None
    seconds: float | None = None
    reward: float = 0.0
    is_new: bool = False
    seen_by: Level = Level.ALL
    seen: float = 0.0
    rated: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Unfit:
    """A model that was no candidate, and why, as a short clause: "it sees no pictures"."""

    model_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice of a model for one prompt. Append-only; it holds nothing of the prompt's words.

    Args:
        task: the likeliest one; `tasks` are the calibrated probabilities of all likely ones.
        arms: all candidates, the highest reward first. The chosen one is among them.
        policy: name and version of what chose.
        snapshot: id of the statistics that it chose by.
        explored: another than the one with the highest reward was taken, to learn.
        overrules: the decision of which the person said that another model is to answer.
        fingerprint: of the prompt, for likeness; see `data.learning.fingerprint`.
        propensity: how likely the policy was to choose this arm, by Monte Carlo after sending; None: not (yet) known,
            or not the policy's choice.
    """

    id: str
    user_id: str
    task: Task
    chosen: str
    chooser: Chooser
    decided_at: datetime
    tasks: Mapping[Task, float] = field(default_factory=dict)
    arms: tuple[Arm, ...] = ()
    unfit: tuple[Unfit, ...] = ()
    team_ids: tuple[str, ...] = ()
    weights: Weights = Weights()
    policy: str = ""
    snapshot: str = ""
    explored: bool = False
    overrules: str | None = None
    fingerprint: str = ""
    propensity: float | None = None

    @property
    def arm(self) -> Arm | None:
        """The chosen one, as it was seen; None where nothing was weighed."""
        return next((each for each in self.arms if each.model_id == self.chosen), None)


@dataclass(frozen=True, slots=True)
class ReplyChoice:
    """How the model of a reply was chosen, as far as the page needs it.

    `is_once`: the person took it in the place of another choice, for this prompt alone.
    """

    decision_id: str
    chooser: Chooser
    task: Task
    explored: bool = False
    is_once: bool = False


@dataclass(frozen=True, slots=True)
class TallyKey:
    """Which statistic: of a model at a task, for everybody, a team or a person (`scope_id`; empty for everybody).

    `epoch` counts periods of fixed length: within one, events weigh more the later they are (forward decay, Cormode et
    al., ICDE 2009), so that sums stay additive; between epochs the reader decays.
    """

    level: Level
    scope_id: str
    task: Task
    model_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Additive sufficient statistics as scaled integers, so that sums are the same in any order.

    Of quality: weight, weighted sum, weighted sum of squares. Of cost and of time: weight and weighted sum.
    """

    weight: int = 0
    quality: int = 0
    square: int = 0
    priced: int = 0
    cost: int = 0
    timed: int = 0
    seconds: int = 0

    def __add__(self, other: Tally) -> Tally:
        # Field by field: `astuple` copies each one deeply, and reports add one for every event.
        return Tally(
            self.weight + other.weight,
            self.quality + other.quality,
            self.square + other.square,
            self.priced + other.priced,
            self.cost + other.cost,
            self.timed + other.timed,
            self.seconds + other.seconds,
        )

    def __neg__(self) -> Tally:
        return Tally(-self.weight, -self.quality, -self.square, -self.priced, -self.cost, -self.timed, -self.seconds)


Tallies = Mapping[TallyKey, Tally]
"""What an event adds, or what all of them came to."""


class Signal(StrEnum):
    """What people do that shows what they think of an answer. That nothing is done is no signal."""

    THUMB_UP = "thumb_up"
    THUMB_DOWN = "thumb_down"
    THUMB_TAKEN_BACK = "thumb_taken_back"
    REGENERATED = "regenerated"  # asked again, of the same model
    SWITCHED = "switched"  # asked again, of another one
    EDITED = "edited"  # the prompt was changed and sent again
    COPIED = "copied"
    WON = "won"  # a comparison, against each of `against`
    LOST = "lost"
    TIED = "tied"
    FAILED = "failed"  # no answer, by no fault of the prompt


class Reason(StrEnum):
    """Why a thumb points where it does; optional."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    TOO_LONG = "too_long"
    STYLE = "style"
    IGNORED = "ignored"  # it did not do what was asked
    SLOW = "slow"
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing that a person showed of one answer. Append-only; a later one of a kind takes the earlier's place.

    Args:
        id: the same thing told twice has the same id, and counts once.
        turn_id: the turn of the answer; a decision belongs to a turn.
        model_id: the model that answered.
        against: models that were compared with it.
        reason: why, of the short list; `words` in the person's own words (kept in the store, never in the warehouse).
    """

    id: str
    user_id: str
    turn_id: str
    model_id: str
    task: Task
    signal: Signal
    at: datetime
    decision_id: str | None = None
    against: tuple[str, ...] = ()
    reason: Reason | None = None
    words: str = ""


class Grade(StrEnum):
    """A model's quality at a task, as a letter; see `data.learning.routing.grades` for the thresholds."""

    A = "A"
    A_MINUS = "A-"
    B = "B"
    B_MINUS = "B-"
    C = "C"
    C_MINUS = "C-"
    D = "D"
    F = "F"


@dataclass(frozen=True, slots=True)
class Graded:
    """What is known of a model at a task. `grade` is None while the interval spans more than two letters.

    `n` is the effective number of observations. `drift`: how much the recent ones differ from all of them where that
    is more than chance, in points of quality; None where it is not.
    """

    model_id: str
    task: Task
    quality: float
    low: float
    high: float
    n: float
    grade: Grade | None = None
    drift: float | None = None
