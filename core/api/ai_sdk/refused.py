"""What is answered at `/api/chat` instead of a stream."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Scope

from core.api.allowance import refusal_headers
from core.api.problems import FAULT, problem, problem_of
from core.api.v1.errors import InternalError
from core.errors import GearboxError


def problem_response(scope: Scope, error: GearboxError) -> Response:
    """A problem, like everywhere below `/api`."""
    if isinstance(error, InternalError):
        return problem(scope, FAULT, str(error), error.remedy)
    return problem_of(scope, error, refusal_headers(error))
