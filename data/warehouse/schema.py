"""The tables of the warehouse file, and the steps that bring an older file up to date.

`ModelCall` describes one row of `model_calls`: it checks an outbox payload, names the columns and documents them
(docs/warehouse.md is generated from it); `data.warehouse.routing` and `.activity` do so for the other events, `.daily`
for the rollups. `STEPS` is what was really executed on files in the field, so a step is never edited; a change adds
one, and a test compares the outcome with what describes the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat

from data.values.errors import WarehouseError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MONEY_DIGITS, MONEY_SCALE = 38, 15

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE model_calls (
        event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, user_id VARCHAR NOT NULL, surface VARCHAR NOT NULL,
        conversation_id VARCHAR, turn_id VARCHAR, endpoint_id VARCHAR NOT NULL,
        provider VARCHAR NOT NULL, model VARCHAR NOT NULL, modality VARCHAR NOT NULL, task VARCHAR NOT NULL,
        chosen_by VARCHAR NOT NULL, key_owner VARCHAR NOT NULL, status VARCHAR NOT NULL, error_kind VARCHAR,
        ttft_ms DOUBLE, latency_ms DOUBLE,
        input_tokens BIGINT, output_tokens BIGINT, cached_tokens BIGINT, reasoning_tokens BIGINT,
        tokens_estimated BOOLEAN, cost_amount DECIMAL(38,15), cost_currency VARCHAR,
        cost_basis VARCHAR NOT NULL, price_version VARCHAR, stopped BOOLEAN NOT NULL
    );
    CREATE TABLE drained (outbox_id BIGINT NOT NULL, event_id VARCHAR NOT NULL);
    CREATE TABLE unread_events (
        outbox_id BIGINT NOT NULL, kind VARCHAR NOT NULL, payload VARCHAR NOT NULL, reason VARCHAR NOT NULL,
        seen_at TIMESTAMP NOT NULL
    );
    """,
    """
    ALTER TABLE model_calls ADD COLUMN quantity DECIMAL(38,15);
    ALTER TABLE model_calls ADD COLUMN unit VARCHAR;
    """,
    """
    ALTER TABLE model_calls ADD COLUMN cache VARCHAR;
    ALTER TABLE model_calls ADD COLUMN saved_amount DECIMAL(38,15);
    """,
    """
    CREATE TABLE routing_decisions (
        event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, user_id VARCHAR NOT NULL, turn_id VARCHAR NOT NULL,
        task VARCHAR NOT NULL, tasks VARCHAR NOT NULL, chosen VARCHAR NOT NULL, chooser VARCHAR NOT NULL,
        explored BOOLEAN NOT NULL, policy VARCHAR NOT NULL, snapshot VARCHAR NOT NULL, overrules VARCHAR,
        propensity DOUBLE, quality DOUBLE, reward DOUBLE, cost_estimate DECIMAL(38,15), seconds_estimate DOUBLE,
        cost_weight DOUBLE NOT NULL, speed_weight DOUBLE NOT NULL, candidates BIGINT NOT NULL, arms VARCHAR NOT NULL
    );
    CREATE TABLE routing_feedback (
        event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, user_id VARCHAR NOT NULL, turn_id VARCHAR NOT NULL,
        decision_id VARCHAR, model_id VARCHAR NOT NULL, task VARCHAR NOT NULL, signal VARCHAR NOT NULL,
        against VARCHAR NOT NULL, reason VARCHAR
    );
    """,
    """
    ALTER TABLE model_calls ADD COLUMN team_id VARCHAR;
    CREATE TABLE tool_calls (
        event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, user_id VARCHAR NOT NULL, team_id VARCHAR,
        surface VARCHAR NOT NULL, conversation_id VARCHAR, turn_id VARCHAR NOT NULL, tool VARCHAR NOT NULL,
        origin VARCHAR NOT NULL, effect VARCHAR NOT NULL, status VARCHAR NOT NULL, latency_ms DOUBLE
    );
    CREATE TABLE sign_ins (
        event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, user_id VARCHAR NOT NULL, team_id VARCHAR,
        mode VARCHAR NOT NULL
    );
    CREATE TABLE flag_exposures (
        event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, user_id VARCHAR NOT NULL, team_id VARCHAR,
        flag VARCHAR NOT NULL, variant VARCHAR NOT NULL, reason VARCHAR NOT NULL, turn_id VARCHAR
    );
    CREATE TABLE usage_daily (
        day DATE NOT NULL, team_id VARCHAR, surface VARCHAR NOT NULL, provider VARCHAR NOT NULL,
        model VARCHAR NOT NULL, modality VARCHAR NOT NULL, task VARCHAR NOT NULL, chosen_by VARCHAR NOT NULL,
        key_owner VARCHAR NOT NULL, status VARCHAR NOT NULL, error_kind VARCHAR, currency VARCHAR,
        is_sample BOOLEAN NOT NULL, calls BIGINT NOT NULL, priced BIGINT NOT NULL, unpriced BIGINT NOT NULL,
        estimated BIGINT NOT NULL, tokens_estimated BIGINT NOT NULL, cache_asked BIGINT NOT NULL,
        cache_hits BIGINT NOT NULL, input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
        cached_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL, images DECIMAL(38,15) NOT NULL,
        media_seconds DECIMAL(38,15) NOT NULL, cost_amount DECIMAL(38,15) NOT NULL,
        saved_amount DECIMAL(38,15) NOT NULL
    );
    CREATE TABLE people_daily (
        day DATE NOT NULL, user_id VARCHAR NOT NULL, team_id VARCHAR, surface VARCHAR NOT NULL,
        modality VARCHAR NOT NULL, currency VARCHAR, calls BIGINT NOT NULL, answered BIGINT NOT NULL,
        tokens BIGINT NOT NULL, cost_amount DECIMAL(38,15) NOT NULL
    );
    CREATE TABLE speed_daily (
        day DATE NOT NULL, surface VARCHAR NOT NULL, provider VARCHAR NOT NULL, model VARCHAR NOT NULL,
        measure VARCHAR NOT NULL, bin BIGINT NOT NULL, calls BIGINT NOT NULL
    );
    CREATE TABLE dirty_days (day DATE NOT NULL);
    CREATE TABLE rollup_zone (zone VARCHAR NOT NULL);
    CREATE TABLE erasures (
        event_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, reason VARCHAR NOT NULL, policy VARCHAR NOT NULL,
        scope VARCHAR NOT NULL, counts VARCHAR NOT NULL
    );
    """,
    """
    DROP TABLE usage_daily;
    CREATE TABLE usage_daily (
        day DATE NOT NULL, team_id VARCHAR, surface VARCHAR NOT NULL, provider VARCHAR NOT NULL,
        model VARCHAR NOT NULL, modality VARCHAR NOT NULL, task VARCHAR NOT NULL, chosen_by VARCHAR NOT NULL,
        key_owner VARCHAR NOT NULL, status VARCHAR NOT NULL, error_kind VARCHAR, currency VARCHAR, caching VARCHAR,
        has_tokens BOOLEAN NOT NULL, is_sample BOOLEAN NOT NULL, people VARCHAR[] NOT NULL, calls BIGINT NOT NULL,
        priced BIGINT NOT NULL, unpriced BIGINT NOT NULL, estimated BIGINT NOT NULL, tokens_estimated BIGINT NOT NULL,
        cache_asked BIGINT NOT NULL, cache_hits BIGINT NOT NULL, priced_hits BIGINT NOT NULL,
        input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL, cached_tokens BIGINT NOT NULL,
        reasoning_tokens BIGINT NOT NULL, images DECIMAL(38,15) NOT NULL, media_seconds DECIMAL(38,15) NOT NULL,
        cost_amount DECIMAL(38,15) NOT NULL, saved_amount DECIMAL(38,15) NOT NULL
    );
    CREATE TABLE times_daily (
        day DATE NOT NULL, team_id VARCHAR, surface VARCHAR NOT NULL, provider VARCHAR NOT NULL,
        model VARCHAR NOT NULL, task VARCHAR NOT NULL, ttft_ms_bins SMALLINT[] NOT NULL,
        latency_ms_bins SMALLINT[] NOT NULL, tokens_per_second_bins SMALLINT[] NOT NULL
    );
    CREATE TABLE answers_daily (
        day DATE NOT NULL, team_id VARCHAR, surface VARCHAR NOT NULL, provider VARCHAR NOT NULL,
        model VARCHAR NOT NULL, task VARCHAR NOT NULL, by_fallback BOOLEAN NOT NULL, currency VARCHAR,
        signals VARCHAR[] NOT NULL, is_sample BOOLEAN NOT NULL, people VARCHAR[] NOT NULL, answers BIGINT NOT NULL,
        answered BIGINT NOT NULL, cost_amount DECIMAL(38,15) NOT NULL
    );
    CREATE TABLE fallbacks_daily (
        day DATE NOT NULL, team_id VARCHAR, surface VARCHAR NOT NULL, provider VARCHAR NOT NULL,
        model VARCHAR NOT NULL, task VARCHAR NOT NULL, stood_in_for VARCHAR, is_sample BOOLEAN NOT NULL,
        people VARCHAR[] NOT NULL, calls BIGINT NOT NULL, answered BIGINT NOT NULL
    );
    DELETE FROM rollup_zone;
    """,
    """
    ALTER TABLE flag_exposures ADD COLUMN conversation_id VARCHAR;
    ALTER TABLE flag_exposures ADD COLUMN unit VARCHAR;
    ALTER TABLE flag_exposures ADD COLUMN arm VARCHAR;
    ALTER TABLE flag_exposures ADD COLUMN version BIGINT;
    """,
)


def naive_utc(moment: datetime) -> datetime:
    """The same moment as the warehouse keeps it: UTC without a zone.

    TIMESTAMPTZ would be shown in the session's zone, and DuckDB needs the extra package pytz to return one.
    """
    return moment.astimezone(UTC).replace(tzinfo=None)


Moment = Annotated[AwareDatetime, AfterValidator(naive_utc)]
Count = Annotated[int, Field(ge=0, lt=2**63, strict=True)]
Amount = Annotated[Decimal, Field(allow_inf_nan=False, gt=-(10**20), lt=10**20)]


class ModelCall(BaseModel):
    """One finished model call. Extra keys of a newer release are ignored, missing ones are an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: str = Field(description="Id of the call; the same as in the state database.")
    ts: Moment = Field(description="When the call was started, in UTC.")
    user_id: str = Field(description="Opaque id of the person.")
    surface: str = Field(description="Where the request came in: `chat`, `api`, `cli`.")
    conversation_id: str | None = Field(description="Conversation, for calls of a turn.")
    turn_id: str | None = Field(description="Turn, for calls of a turn.")
    endpoint_id: str = Field(description="The endpoint that was called.")
    provider: str = Field(description="Provider, the part of the model's id before the first slash.")
    model: str = Field(description="The model's name at its provider.")
    modality: str = Field(description="What was asked for: `text`, `embedding`, `image`, `speech`, ...")
    task: str = Field(description="Task of the prompt, a name of the one task vocabulary.")
    chosen_by: str = Field(description="Who picked the model: `person`, `auto`, `default`, `fallback`.")
    key_owner: str = Field(description="Whose key paid: `none`, `user`, `team`, `organisation`.")
    status: str = Field(description="`ok`, `failed`, `stopped`, or `unknown` (its process died).")
    error_kind: str | None = Field(description="Why it failed: `auth`, `key_expired`, `rate_limit`, `timeout`, ...")
    ttft_ms: FiniteFloat | None = Field(description="Milliseconds to the first token; null when none arrived.")
    latency_ms: FiniteFloat | None = Field(description="Milliseconds from start to end.")
    input_tokens: Count | None = Field(description="Tokens of the prompt, cached ones included; null when unknown.")
    output_tokens: Count | None = Field(description="Tokens of the reply, reasoning included.")
    cached_tokens: Count | None = Field(description="Part of `input_tokens` that the provider had cached.")
    reasoning_tokens: Count | None = Field(description="Part of `output_tokens` spent on reasoning.")
    tokens_estimated: bool | None = Field(description="True when we counted because the provider did not.")
    cost_amount: Amount | None = Field(description="What the call cost; null when it has no known price.")
    cost_currency: str | None = Field(description="ISO 4217 code of `cost_amount`.")
    cost_basis: str = Field(description="`priced`, `estimated` (from estimated tokens) or `unpriced`.")
    price_version: str | None = Field(description="The price list that was used.")
    stopped: bool = Field(description="True when the person stopped the reply.")
    # Since step 2: rows that a release before it left in the outbox lack them.
    quantity: Amount | None = Field(default=None, description="What was used besides tokens, in `unit`s.")
    unit: str | None = Field(default=None, description="`image`, `second`, `character` or `query`.")
    # Since step 3.
    cache: str | None = Field(
        default=None,
        description="`hit`: answered from Gearbox's own cache, no provider was asked; `miss`: it might have been.",
    )
    saved_amount: Amount | None = Field(
        default=None, description="What a hit would have cost, in `cost_currency`; null when that has no known price."
    )
    # Since step 5.
    team_id: str | None = Field(
        default=None, description="The team whose key paid, else the first team that the person joined; null: none."
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    sql_type: str
    nullable: bool
    meaning: str


_SQL_TYPES: dict[Any, str] = {
    str: "VARCHAR",
    datetime: "TIMESTAMP",
    AwareDatetime: "TIMESTAMP",
    float: "DOUBLE",
    int: "BIGINT",
    bool: "BOOLEAN",
    date: "DATE",
    Decimal: f"DECIMAL({MONEY_DIGITS},{MONEY_SCALE})",
    list[str]: "VARCHAR[]",
    list[int]: "SMALLINT[]",
}


def _bare_types(annotation: Any) -> list[Any]:
    """The plain types inside an annotation such as `Annotated[int, ...] | None`."""
    inner = get_args(annotation)
    if not inner or annotation in _SQL_TYPES:
        return [annotation]
    if hasattr(annotation, "__metadata__"):
        return _bare_types(inner[0])
    return [bare for part in inner for bare in _bare_types(part)]


def columns(rows: type[BaseModel] = ModelCall) -> tuple[Column, ...]:
    """The columns of the table of these rows, in order."""
    found = []
    for name, field in rows.model_fields.items():
        types = _bare_types(field.annotation)
        sql_type = next(_SQL_TYPES[bare] for bare in types if bare in _SQL_TYPES)
        found.append(Column(name, sql_type, type(None) in types, field.description or ""))
    return tuple(found)


def columns_as_markdown(rows: type[BaseModel] = ModelCall) -> str:
    """The table in docs/warehouse.md."""
    lines = [f"| `{c.name}` | {c.sql_type} | {'yes' if c.nullable else 'no'} | {c.meaning} |" for c in columns(rows)]
    return "\n".join(["| column | type | null | meaning |", "|---|---|---|---|", *lines])


def upgrade(con: DuckDBPyConnection, now: datetime) -> None:
    """Run the steps this file has not seen, each in a transaction of its own.

    Raises:
        WarehouseError: the file was written by a newer release.
    """
    con.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)")
    row = con.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
    current = int(row[0]) if row else 0
    if current > len(STEPS):
        raise WarehouseError(
            f"The usage warehouse has schema {current}; this release of Gearbox knows {len(STEPS)}.",
            "Start the newer release again, or move the warehouse file away to begin a new one.",
        )
    for version, step in enumerate(STEPS[current:], start=current + 1):
        con.begin()
        try:
            con.execute(step)
            con.execute("INSERT INTO schema_version VALUES (?, ?)", [version, naive_utc(now)])
            con.commit()
        except BaseException:
            con.rollback()
            raise
