"""Trying models out: over real HTTP, booked and audited, and what the registry shows afterwards."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core.errors import GearboxError, NotFound
from core.providers.directory import SANDBOX
from data.values.model_checks import Finding
from data.values.registry import Capability, FactSource
from tests.api.gearbox import Gearbox, running
from tests.gateway.server import serve

REFUSALS = {
    "tools": "this model does not support tools",
    "response_format": "response_format is not supported by this model",
    "reasoning_effort": "Unrecognized request argument: reasoning_effort is not supported",
}


class Model:
    """A server with one model, `m`: it streams words, refuses what it is told to, and sees what is in pictures."""

    def __init__(self) -> None:
        self.refuses: dict[str, str] = {}
        self.status = 0
        self.asked: list[dict[str, Any]] = []
        self.sees = ""
        self.shows_thinking = False

    async def chat(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        if self.status:
            return JSONResponse({"error": {"message": "scripted"}}, self.status)
        sent = json.dumps(body)
        for part, words in self.refuses.items():
            if f'"{part}"' in sent:
                return JSONResponse({"error": {"message": words}}, 400)
        return StreamingResponse(self._stream(body), media_type="text/event-stream")

    async def models(self, _: Request) -> Response:
        return JSONResponse({"data": [{"id": "m"}]})

    async def _stream(self, body: dict[str, Any]) -> Any:
        for delta, reason in self._deltas(body):
            chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            yield f"data: {json.dumps(chunk)}\n\n".encode()
            await asyncio.sleep(0)
        yield b"data: [DONE]\n\n"

    def _deltas(self, body: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str | None]]:
        if self.shows_thinking:
            yield {"reasoning_content": "Hm."}, None
        content = body["messages"][-1]["content"]
        if body.get("tools"):
            for index, tool in enumerate(body["tools"]):
                function = {"name": tool["function"]["name"], "arguments": "{}"}
                yield {"tool_calls": [{"index": index, "id": f"c{index}", "function": function}]}, None
        elif body.get("response_format"):
            yield {"content": '{"town_name": "Tokyo", "residents_in_millions": 14}'}, None
        elif isinstance(content, list) and self.sees:
            yield {"content": self.sees}, None
        else:
            yield {"content": "one, "}, None
            yield {"content": "two"}, None
        yield {}, "stop"


@contextmanager
def connected(home: Path, model: Model) -> Iterator[Gearbox]:
    routes = [Route("/v1/chat/completions", model.chat, methods=["POST"]), Route("/v1/models", model.models)]
    with serve(Starlette(routes=routes)) as origin, running(home) as gearbox:
        services, actor = gearbox.services, gearbox.services.actor()
        services.keys.add_server(actor, "Ours", f"{origin}/v1", None)
        # What it lists is asked for in the background: on a busy machine some calls are made before the answer is here.
        until(lambda: "ours/m" in {model.id for model in services.connections.models(actor)})
        yield gearbox


def known(gearbox: Gearbox, model_id: str = "ours/m") -> dict[Capability, tuple[bool, FactSource]]:
    card = gearbox.services.registry.card(gearbox.services.actor(), model_id)
    return {fact.capability: (fact.holds, fact.source) for fact in card.facts}


def audited(gearbox: Gearbox) -> list[dict[str, Any]]:
    answer = gearbox.ask("GET", "/api/audit/events", params={"action": "model.check"})
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


def test_what_a_model_does_is_found_out_booked_and_shown(tmp_path: Path) -> None:
    model = Model()
    model.shows_thinking = True
    with connected(tmp_path, model) as gearbox:
        answer = gearbox.ask("POST", "/api/v1/models/ours/m/probe")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        found = {name: each["holds"] for name, each in told["findings"].items()}
        assert found == {
            "streaming": True, "tools": True, "parallel_tools": True, "structured_output": True, "vision": False,
            "reasoning": True,
        }  # fmt: skip
        assert (told["calls"], told["cost"]) == (len(model.asked), None) == (4, None)
        assert all(body.get("max_tokens", 0) <= 400 for body in model.asked)
        assert known(gearbox)[Capability.VISION] == (False, FactSource.PROBE)
        assert known(gearbox)[Capability.TOOLS] == (True, FactSource.PROBE)
        card = gearbox.ask("GET", "/api/v1/models/ours/m").json()
        assert card["capabilities"]["vision"]["at"] and card["capabilities"]["vision"]["evidence"]
        events = audited(gearbox)
        assert [(each["event"]["target"], each["event"]["outcome"]) for each in events] == [("model:ours/m", "done")]


def test_a_refusal_is_a_no_that_later_calls_heed_until_it_works_again(tmp_path: Path) -> None:
    model = Model()
    model.refuses = dict(REFUSALS)
    with connected(tmp_path, model) as gearbox:
        check, actor = gearbox.services.model_check, gearbox.services.actor()
        found = {each.capability: each for each in check.check(actor, "ours/m").findings}
        assert found[Capability.TOOLS].holds is False
        assert "does not support tools" in found[Capability.TOOLS].evidence
        assert found[Capability.STRUCTURED_OUTPUT].holds is False
        assert found[Capability.REASONING].holds is None, "that its effort can't be chosen is no no"
        assert known(gearbox)[Capability.TOOLS] == (False, FactSource.OBSERVED)
        model.refuses, before = {}, len(model.asked)
        tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
        sent = {"model": "ours/m", "messages": [{"role": "user", "content": "Hello"}], "tools": [tool]}
        assert gearbox.ask("POST", "/v1/chat/completions", json=sent).status_code == 200
        assert "tools" not in model.asked[before]
        found = {each.capability: each for each in check.check(actor, "ours/m").findings}
        assert found[Capability.TOOLS].holds and found[Capability.STRUCTURED_OUTPUT].holds
        assert known(gearbox)[Capability.STRUCTURED_OUTPUT] == (True, FactSource.PROBE)
        assert gearbox.ask("POST", "/v1/chat/completions", json=sent).status_code == 200
        assert "tools" in model.asked[-1]


def test_a_server_that_refuses_to_stream_is_known_for_it_after_one_call(tmp_path: Path) -> None:
    model = Model()
    model.refuses = {'stream": true, "stream_options': "Streaming is not supported by this model."}
    sent = {"model": "ours/m", "messages": [{"role": "user", "content": "Hello"}]}
    with connected(tmp_path, model) as gearbox:
        check, actor = gearbox.services.model_check, gearbox.services.actor()
        for calls in (2, 3):
            assert gearbox.ask("POST", "/v1/chat/completions", json=sent).status_code == 200
            assert len(model.asked) == calls
        assert known(gearbox)[Capability.STREAMING] == (False, FactSource.OBSERVED)
        found = {each.capability: each.holds for each in check.check(actor, "ours/m").findings}
        assert (found[Capability.STREAMING], found[Capability.TOOLS]) == (False, True)
        model.refuses = {}
        assert {each.capability: each.holds for each in check.check(actor, "ours/m").findings}[Capability.STREAMING]
        assert known(gearbox)[Capability.STREAMING] == (True, FactSource.PROBE)
        assert gearbox.ask("POST", "/v1/chat/completions", json=sent).status_code == 200
        assert model.asked[-1]["stream"] is True


def test_trouble_on_the_way_is_never_a_no(tmp_path: Path) -> None:
    model = Model()
    with connected(tmp_path, model) as gearbox:
        for model.status in (500, 401, 429):
            model.asked.clear()
            report = gearbox.services.model_check.check(gearbox.services.actor(), "ours/m")
            assert [each.holds for each in report.findings] == [None] * 6
            assert all("scripted" in each.evidence for each in report.findings)
            assert (len(model.asked), report.cost) == (1, None), "who does not answer at all is asked once"
        assert {source for _, source in known(gearbox).values()} == {FactSource.NAME}
        assert [each["event"]["outcome"] for each in audited(gearbox)] == ["failed"] * 3


def test_the_sandbox_is_honest_about_itself_and_says_it_as_it_goes(tmp_path: Path) -> None:
    with running(tmp_path) as gearbox:
        check, actor = gearbox.services.model_check, gearbox.services.actor()
        heard: list[Finding] = []
        estimate = check.estimate(actor, "sandbox/scripted")
        assert (estimate.calls, estimate.most) == (5, None)
        report = check.check(actor, "sandbox/scripted", heard.append)
        assert tuple(heard) == report.findings
        assert {each.capability: each.holds for each in report.findings} == {
            Capability.STREAMING: True, Capability.TOOLS: True, Capability.PARALLEL_TOOLS: True,
            Capability.STRUCTURED_OUTPUT: True, Capability.VISION: False, Capability.REASONING: None,
        }  # fmt: skip
        assert known(gearbox, f"{SANDBOX}/scripted")[Capability.VISION] == (False, FactSource.PROBE)


def test_who_may_not_and_what_can_not_be_checked(tmp_path: Path) -> None:
    with connected(tmp_path, Model()) as gearbox:
        services = gearbox.services
        services.keys.add(services.actor(), "openai", "sk-canary-checking-0123456789")
        with pytest.raises(NotFound):
            services.model_check.check(services.actor(), "anthropic/never-connected")
        with pytest.raises(GearboxError, match="that chat"):
            services.model_check.check(services.actor(), "openai/text-embedding-3-small")
        priced = services.model_check.estimate(services.actor(), "openai/gpt-4o")
        assert priced.most and 0 < priced.most < 1
        for _ in range(6):
            assert gearbox.ask("POST", "/api/v1/models/ours/m/probe").status_code == 200
        refused = gearbox.ask("POST", "/api/v1/models/ours/m/probe")
        assert (refused.status_code, bool(refused.headers["retry-after"])) == (429, True)


class Gated(Model):
    """Answers nothing until its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    async def chat(self, request: Request) -> Response:
        await asyncio.to_thread(self.gate.wait, 60)
        return await super().chat(request)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


def test_who_asks_meanwhile_gets_the_same_check(tmp_path: Path) -> None:
    model = Gated()
    with connected(tmp_path, model) as gearbox, ThreadPoolExecutor(4) as threads:
        check, actor = gearbox.services.model_check, gearbox.services.actor()
        heard: list[list[Finding]] = [[] for _ in range(4)]
        under_way = [threads.submit(check.check, actor, "ours/m", each.append) for each in heard]
        until(lambda: [len(each._listeners) for each in check._flights.values()] == [len(heard)])
        model.gate.set()
        reports = [each.result(60) for each in under_way]
        assert all(report is reports[0] for report in reports)
        assert all(tuple(each) == reports[0].findings for each in heard), "the late ones heard it from the beginning"
        assert len(model.asked) == reports[0].calls
        assert len(audited(gearbox)) == 1
        assert check._flights == {}
        assert check.check(actor, "ours/m") is not reports[0], "later it is tried anew"
        assert len(model.asked) == 2 * reports[0].calls


def test_a_check_that_could_not_be_made_fails_for_all_and_is_over(tmp_path: Path) -> None:
    model = Gated()
    with connected(tmp_path, model) as gearbox, ThreadPoolExecutor(2) as threads:
        check, actor = gearbox.services.model_check, gearbox.services.actor()
        under_way = [threads.submit(check.check, actor, "ours/m") for _ in range(2)]
        until(lambda: [len(each._listeners) for each in check._flights.values()] == [2])
        with sqlite3.connect(gearbox.services.settings.home / "gearbox.db") as database:
            database.execute("ALTER TABLE model_facts RENAME TO away")
        model.gate.set()
        errors = [each.exception(60) for each in under_way]
        assert errors[0] is not None
        assert errors[0] is errors[1]
        assert check._flights == {}
        with sqlite3.connect(gearbox.services.settings.home / "gearbox.db") as database:
            database.execute("ALTER TABLE away RENAME TO model_facts")
        assert check.check(actor, "ours/m").findings
