"""What a turn is made of before it begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from core.chat.agreeing import Agreement
from core.chat.composing.composition import Composition
from core.chat.live import LiveTurn
from core.providers.attempts import Candidate
from core.tools.toolbox import ToolUse
from data.store.turns import BeginTurn
from data.values.parts import NoticePart
from data.values.routing import ReplyChoice


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """Everything a turn needs before it begins: what to store, and who may answer, in order.

    `begin.call` is replaced by the intent of the candidate that is called first. `notices` are for the answer of each
    model, by its id. `tools` is what the models may call; without any the first answer is the last. `readied` gives
    the plan to go by where that takes a while; the prompt is stored before. It keeps the candidates' intents. With a
    `composition` the answer is made in several parts; then there are no candidates, and each part books its own calls.
    `asks` is what the person has to agree to before the first call; the prompt is stored before. `choice` is how the
    model was chosen where that was changed since the turn began.
    """

    begin: BeginTurn
    candidates: tuple[Candidate, ...]
    notices: Mapping[str, tuple[NoticePart, ...]] = field(default_factory=dict)
    tools: ToolUse | None = None
    composition: Composition | None = None
    asks: Agreement | None = None
    choice: ReplyChoice | None = None
    readied: Callable[[TurnPlan, LiveTurn], Awaitable[TurnPlan]] | None = None
