"""Requests made up from the document, good ones and bad ones: no server error, and answers as the document says."""

from __future__ import annotations

import importlib
import random
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.api.gearbox import Gearbox, running

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
MODELS = {
    "/v1/chat/completions": "scripted",
    "/v1/embeddings": "scripted-embedding",
    "/v1/images/generations": "scripted-image",
    "/v1/images/edits": "scripted-image",
    "/v1/rerank": "scripted-rerank",
    "/v1/audio/speech": "scripted-speech",
    "/v1/audio/transcriptions": "scripted-transcription",
    "/v1/videos": "scripted-video",
}

NOT_ASKED = {
    "DELETE /api/people/{person_id}",  # the only person would forget themselves
    "GET /api/evidence",  # seconds for each; it has tests of its own
}


@pytest.fixture(scope="module")
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gearbox]:
    # The server, a thread of this process, needs it later; Hypothesis trips over a module that is half imported.
    importlib.import_module("numpy")
    with running(tmp_path_factory.mktemp("schemathesis")) as gearbox:
        yield gearbox


def things(gearbox: Gearbox) -> dict[str, str]:
    """What there is, so that not every id is one of nothing."""
    key = gearbox.ask("POST", "/api/keys", json={"provider": "openai", "key": "sk-made-0123456789abcdef"}).json()
    return {
        "secret_id": key["secret_id"],
        "endpoint_id": key["id"],
        "team_id": gearbox.ask("POST", "/api/teams", json={"name": f"Team {random.random()}"}).json()["id"],
        "token_id": gearbox.ask("POST", "/api/tokens", json={"name": "made"}).json()["card"]["id"],
        "person_id": gearbox.ask("GET", "/api/me").json()["id"],
        "model_id": "openai/gpt-4o",
    }


def aimed(case: Any, there: dict[str, str], turn: int) -> None:
    """Every other time at something that is there: what nobody has is refused before anything is done with it."""
    if turn % 2:
        return
    for name in case.path_parameters or {}:
        case.path_parameters[name] = there.get(name, case.path_parameters[name])
    if isinstance(case.body, dict) and isinstance(case.body.get("model"), str) and case.path in MODELS:
        case.body["model"] = f"sandbox/{MODELS[case.path]}"
        if isinstance(case.body.get("n"), int):
            case.body["n"] = min(case.body["n"], 1)  # drawing takes its time


def campaign(gearbox: Gearbox, examples: int, number: int) -> int:
    """Requests that were made; each answer is checked."""
    document = gearbox.ask("GET", "/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    there, asked, session = things(gearbox), 0, requests.Session()
    failures = list[str]()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {gearbox.token}"
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.label in NOT_ASKED:
            continue
        for mode in GenerationMode:

            @seed(number)
            @settings(
                max_examples=examples,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                aimed(case, there, asked)
                response = case.call(base_url=gearbox.origin, session=session, timeout=30)
                case.validate_response(response, checks=CHECKS)

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    ask()
                except Unsatisfiable:  # nothing can be wrong with a request that carries nothing
                    pass
                except FailureGroup as failure:
                    failures.append(f"{operation.label}: {failure}")
    assert not failures, "\n\n".join(failures)
    return asked


def test_made_up_requests_find_no_fault(gearbox: Gearbox) -> None:
    assert campaign(gearbox, examples=1, number=1) > 80


@pytest.mark.campaign
def test_many_made_up_requests_find_no_fault(gearbox: Gearbox) -> None:
    asked = campaign(gearbox, examples=5, number=2)
    print(f"{asked} requests, 0 server errors")  # noqa: T201  # the count is promised
    assert asked > 400
