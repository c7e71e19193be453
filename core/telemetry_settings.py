"""Settings of what operators see of a running server; part of `core.config.Settings`."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class TelemetrySettings(BaseSettings):
    """Logs and traces. Metrics need no setting: they are at `/metrics`."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much the server log says."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How: lines to read, or a JSON object a line, with the ids of request and trace."
    )
    answer_objective: float = Field(
        default=0.99,
        gt=0,
        lt=1,
        description="The share of calls of models that is to be answered within four weeks. What may fail is the error "
        "budget on the Admin page.",
    )
    otlp_endpoint: str = Field(
        default="",
        description="Base address of an OpenTelemetry collector that takes OTLP over HTTP, such as "
        "`http://localhost:4318`. Empty: no traces.",
    )

    @field_validator("otlp_endpoint")
    @classmethod
    def _is_an_address(cls, given: str) -> str:
        parts = urlsplit(given)
        if given and (
            parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or "@" in parts.netloc
        ):
            raise ValueError("it has to be like http://localhost:4318, without name, password or query")
        return given
