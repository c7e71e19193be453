"""What comes back from operations: vectors, pictures, sounds, texts, and what they used."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from data.values.calls import TokenUsage, Unit
from data.values.money import Cost
from data.values.operations import Media


@dataclass(frozen=True, slots=True)
class OperationUsage:
    """What an operation used: tokens where the provider counts them, and an amount of its own unit.

    `image_input` and `audio_input` are the parts of the input tokens that have prices of their own. `estimated` marks
    a quantity that we measured because the provider did not say.
    """

    tokens: TokenUsage | None = None
    quantity: Decimal | None = None
    unit: Unit | None = None
    image_input: int = 0
    audio_input: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A vector for each input, in its order, all of one length."""

    vectors: tuple[tuple[float, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures that were drawn or edited; `revised_prompt` is what the provider made of the prompt, if it says."""

    images: tuple[Media, ...]
    revised_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """Speech."""

    audio: Media


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a transcript, in seconds from the beginning."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said; `language` and `seconds` where the provider says them."""

    text: str
    language: str = ""
    seconds: float | None = None
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Places in the request's documents with their relevance, the best first."""

    scores: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Film:
    """A video, with the provider's id of the job that made it."""

    video: Media
    job_id: str = ""


Output = Embeddings | Pictures | Sound | Transcript | Ranking | Film


@dataclass(frozen=True, slots=True)
class OperationResult:
    """An operation's output with what it used and cost.

    `cached` says that it came from Gearbox's own cache: no provider was asked and nothing was paid; `usage` and `cost`
    are then those of the call that was saved.
    """

    output: Output
    usage: OperationUsage
    cost: Cost
    cached: bool = False
