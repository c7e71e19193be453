"""Rows of the warehouse that tell how models were chosen, and what people showed of answers: never a word of either."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat

from data.warehouse.schema import Amount, Count, Moment


def _as_json(value: Any) -> Any:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


_KEPT = BeforeValidator(_as_json)
Json = Annotated[str, _KEPT]
Share = Annotated[float, Field(gt=0, le=1)]


class RoutingDecision(BaseModel):
    """One choice of a model. Extra keys of a newer release are ignored, missing ones are an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: str = Field(description="Id of the decision; the same as in the state database.")
    ts: Moment = Field(description="When it was made, in UTC.")
    user_id: str = Field(description="Opaque id of the person.")
    turn_id: str = Field(description="The turn that it is of; of a program's call, the call.")
    task: str = Field(description="The likeliest task of the prompt, a name of the one task vocabulary.")
    tasks: Json = Field(description="How likely each task is, as a JSON object.")
    chosen: str = Field(description="The model's id, `provider/name`.")
    chooser: str = Field(
        description="How it was chosen: by the `policy` that learns, a `pin`, the `fixed` default, or the `person`."
    )
    explored: bool = Field(description="True when another than the best-looking model was tried, to learn.")
    policy: str = Field(description="Name and version of what chose; empty where nothing was weighed.")
    snapshot: str = Field(description="The version of the statistics that it chose by.")
    overrules: str | None = Field(description="The decision that a person put this one in the place of.")
    propensity: Share | None = Field(
        description="How likely the policy was to choose this; null until that is computed, and for others' choices."
    )
    quality: FiniteFloat | None = Field(description="Of the chosen model at this task, expected, from 0 to 1.")
    reward: FiniteFloat | None = Field(description="The same with cost and speed weighed in.")
    cost_estimate: Amount | None = Field(description="Of the answer, expected, US dollars; null: no known price.")
    seconds_estimate: FiniteFloat | None = Field(description="Until the whole answer, expected.")
    cost_weight: FiniteFloat = Field(description="How much cost counted for the person.")
    speed_weight: FiniteFloat = Field(description="How much time counted for the person.")
    candidates: Count = Field(description="How many models could have answered; 0 where nothing was weighed.")
    arms: Json = Field(
        description="The best-looking 20 of them, the best first, as a JSON list of `model`, `quality`, `n`, `reward`, "
        "`cost` and `seconds`."
    )


class RoutingFeedback(BaseModel):
    """One thing that a person showed of an answer. Extra keys of a newer release are ignored, missing ones an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: str = Field(description="Id of the feedback; the same as in the state database.")
    ts: Moment = Field(description="When it was shown, in UTC.")
    user_id: str = Field(description="Opaque id of the person.")
    turn_id: str = Field(description="The turn of the answer.")
    decision_id: str | None = Field(description="The decision that chose its model, where one did.")
    model_id: str = Field(description="The model that answered, `provider/name`.")
    task: str = Field(description="Task of the prompt.")
    signal: str = Field(
        description="`thumb_up`, `thumb_down`, `thumb_taken_back`, `regenerated`, `switched`, `edited`, `copied`, "
        "`won`, `lost`, `tied` or `failed`. Of the thumbs on an answer, and of its comparisons, the last one counts."
    )
    against: Json = Field(description="Models that it was compared with, as a JSON list.")
    reason: str | None = Field(description="Why, a name of the short list; a person's own words are not in here.")


class Propensity(BaseModel):
    """How likely a decision was, as it is known later: a column of its row."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: str
    propensity: Share


def json_columns(rows: type[BaseModel]) -> tuple[str, ...]:
    """The columns of these rows that are `Json`."""
    return tuple(name for name, field in rows.model_fields.items() if _KEPT in field.metadata)
