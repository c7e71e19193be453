"""What the rollups hold: sums and counts of closed days, made from the rows and never told by events.

A day is one of the workspace's time zone. Every measure is additive, so any grouping and any filter over the columns
before the measures gives what the rows themselves would.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from data.warehouse.schema import Amount, Count

PEOPLE_KEPT = 4
"""Behind a row of a rollup: enough to know that three others than the one who looks are behind any sum of rows."""

_FROZEN = ConfigDict(frozen=True)
Bin = Annotated[int, Field(strict=True)]
Bins = list[int]
People = Annotated[list[str], Field(min_length=1, max_length=PEOPLE_KEPT)]


class UsageDay(BaseModel):
    """Calls of a day that are alike in everything that the pages filter by."""

    model_config = _FROZEN

    day: date = Field(description="In the workspace's time zone.")
    team_id: str | None = Field(description="As in `model_calls`.")
    surface: str = Field(description="As in `model_calls`.")
    provider: str = Field(description="As in `model_calls`.")
    model: str = Field(description="As in `model_calls`.")
    modality: str = Field(description="As in `model_calls`.")
    task: str = Field(description="As in `model_calls`.")
    chosen_by: str = Field(description="As in `model_calls`.")
    key_owner: str = Field(description="As in `model_calls`.")
    status: str = Field(description="As in `model_calls`.")
    error_kind: str | None = Field(description="As in `model_calls`.")
    currency: str | None = Field(description="`cost_currency` of the calls; null: none has a known price.")
    caching: str | None = Field(
        description="`hit` or `miss` of Gearbox's own cache; `provider`: part of the prompt came from the provider's."
    )
    has_tokens: bool = Field(description="Whether the tokens of the prompts are known.")
    is_sample: bool = Field(description="Whether the people are made up.")
    people: People = Field(description="Ids of the people, in order: all of them, where they are fewer than 4, else 4.")
    calls: Count = Field(description="How many.")
    priced: Count = Field(description="Of them with a known cost, not counting answers from Gearbox's own cache.")
    unpriced: Count = Field(description="Of them that used tokens of a model without a known price.")
    estimated: Count = Field(description="Of them with a cost from estimated tokens.")
    tokens_estimated: Count = Field(description="Of them whose tokens we counted.")
    cache_asked: Count = Field(description="Of them that may be answered from Gearbox's own cache.")
    cache_hits: Count = Field(description="Of them that were.")
    priced_hits: Count = Field(description="Of these with a known `saved_amount`.")
    input_tokens: Count = Field(description="Sum.")
    output_tokens: Count = Field(description="Sum.")
    cached_tokens: Count = Field(description="Sum; of each call at most its `input_tokens`.")
    reasoning_tokens: Count = Field(description="Sum.")
    images: Amount = Field(description="Sum of `quantity` in `image`s.")
    media_seconds: Amount = Field(description="Sum of `quantity` in `second`s, of sound or film.")
    cost_amount: Amount = Field(description="Sum, in `currency`.")
    saved_amount: Amount = Field(description="Sum, in `currency`.")


class PersonDay(BaseModel):
    """One person's calls of a day."""

    model_config = _FROZEN

    day: date = Field(description="In the workspace's time zone.")
    user_id: str = Field(description="Opaque id of the person.")
    team_id: str | None = Field(description="As in `model_calls`.")
    surface: str = Field(description="As in `model_calls`.")
    modality: str = Field(description="As in `model_calls`.")
    currency: str | None = Field(description="`cost_currency` of the calls; null: none has a known price.")
    calls: Count = Field(description="How many.")
    answered: Count = Field(description="Of them with status `ok` or `stopped`.")
    tokens: Count = Field(description="Sum of input and output.")
    cost_amount: Amount = Field(description="Sum, in `currency`.")


class SpeedDay(BaseModel):
    """How many calls of a day took about as long: a sketch that quantiles are read from.

    `bin` i holds values in (g^(i-1), g^i] with g = 1.02/0.98, so a quantile read from it is within 2% of the value that
    has the rank (Masson, Rim, Lee: DDSketch, VLDB 2019).
    """

    model_config = _FROZEN

    day: date = Field(description="In the workspace's time zone.")
    surface: str = Field(description="As in `model_calls`.")
    provider: str = Field(description="As in `model_calls`.")
    model: str = Field(description="As in `model_calls`.")
    measure: str = Field(
        description="`ttft_ms`; `latency_ms` of answered calls without those from Gearbox's cache; or "
        "`tokens_per_second` after the first one, of answered calls whose tokens the provider counted."
    )
    bin: Bin = Field(description="Of the logarithm of the value.")
    calls: Count = Field(description="How many.")


class TimesDay(BaseModel):
    """How long the calls of a day took, by all that the pages filter by: bins of `speed_daily`, one for each call."""

    model_config = _FROZEN

    day: date = Field(description="In the workspace's time zone.")
    team_id: str | None = Field(description="As in `model_calls`.")
    surface: str = Field(description="As in `model_calls`.")
    provider: str = Field(description="As in `model_calls`.")
    model: str = Field(description="As in `model_calls`.")
    task: str = Field(description="As in `model_calls`.")
    ttft_ms_bins: Bins = Field(description="Of each call that has the measure, in order.")
    latency_ms_bins: Bins = Field(description="Likewise.")
    tokens_per_second_bins: Bins = Field(description="Likewise.")


class AnswersDay(BaseModel):
    """Answers of a day: what one model gave in one turn, all its calls of that day in it together."""

    model_config = _FROZEN

    day: date = Field(description="In the workspace's time zone.")
    team_id: str | None = Field(description="As in `model_calls`; of the answer's last call.")
    surface: str = Field(description="Likewise.")
    provider: str = Field(description="As in `model_calls`.")
    model: str = Field(description="As in `model_calls`.")
    task: str = Field(description="As in `model_calls`; of the answer's last call.")
    by_fallback: bool = Field(description="Whether the model stood in for another one.")
    currency: str | None = Field(description="Of what the answers cost; null: that is not all known, or in several.")
    signals: list[str] = Field(description="What was shown of each of them and still holds, in order of the names.")
    is_sample: bool = Field(description="Whether the people are made up.")
    people: People = Field(description="Ids of the people who asked, as in `usage_daily`.")
    answers: Count = Field(description="How many; with status `ok` or `stopped`.")
    answered: Count = Field(description="Of them with a call with status `ok`.")
    cost_amount: Amount = Field(description="Sum of what is known, in `currency`.")


class FallbacksDay(BaseModel):
    """Calls of a day with `fallback` in `chosen_by`."""

    model_config = _FROZEN

    day: date = Field(description="In the workspace's time zone.")
    team_id: str | None = Field(description="As in `model_calls`.")
    surface: str = Field(description="As in `model_calls`.")
    provider: str = Field(description="As in `model_calls`.")
    model: str = Field(description="As in `model_calls`.")
    task: str = Field(description="As in `model_calls`.")
    stood_in_for: str | None = Field(description="The other model that failed last before, in the same turn and day.")
    is_sample: bool = Field(description="Whether the people are made up.")
    people: People = Field(description="Ids of the people, as in `usage_daily`.")
    calls: Count = Field(description="How many.")
    answered: Count = Field(description="Of them with status `ok`.")
