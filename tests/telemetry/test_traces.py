"""What a collector receives of a running Gearbox: one trace from the request to the calls of models and tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from core.errors import ConfigError
from tests.api.gearbox import Gearbox, running
from tests.telemetry.collector import Collector, attributes, collecting

SECRET = "a prompt that no collector may keep"
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
MODEL = "sandbox/scripted"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """All that was sent of a request that went well, one that failed, and an answer in a chat that called a tool."""
    with collecting() as collector:
        with running(tmp_path_factory.mktemp("traces"), otlp_endpoint=collector.address) as gearbox:
            chat(gearbox, f"{SECRET} [[words:5]]", {"traceparent": PARENT})
            chat(gearbox, "[[fault:401]]", {})
            say(gearbox, '[[call:calculator {"expression": "6*7"}]]')
        yield collector


def chat(gearbox: Gearbox, prompt: str, headers: dict[str, str]) -> None:
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": prompt}]}
    gearbox.ask("POST", "/v1/chat/completions", json=body, headers=headers)


def say(gearbox: Gearbox, prompt: str) -> None:
    services, actor = gearbox.services, gearbox.services.actor()
    choice = services.chat.choice(actor, services.preferences.load(actor), picked=MODEL, history=[])
    assert services.chat.send(actor, None, prompt, choice).wait_ended(30)


def test_a_program_s_trace_goes_on_in_the_call_of_the_model(collected: Collector) -> None:
    mine = [span for span in collected.spans if span.trace_id.hex() == PARENT.split("-")[1]]
    request = next(span for span in mine if span.name == "POST /v1/chat/completions")
    assert request.kind == Span.SPAN_KIND_SERVER
    assert request.parent_span_id.hex() == PARENT.split("-")[2]
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "http.response.status_code": 200,
    }
    (call,) = (span for span in mine if span.parent_span_id == request.span_id)
    assert (call.name, call.kind) == ("chat scripted", Span.SPAN_KIND_CLIENT)
    said = attributes(call)
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.provider.name"] == "sandbox"
    assert said["gen_ai.request.model"] == "scripted"
    assert said["gen_ai.usage.output_tokens"] == 5
    assert said["gen_ai.response.time_to_first_chunk"] > 0


def test_a_failed_call_says_of_what_kind(collected: Collector) -> None:
    (failed,) = (span for span in collected.named("chat scripted") if span.status.code == Status.STATUS_CODE_ERROR)
    assert attributes(failed)["error.type"] == "auth"
    (request,) = (span for span in collected.spans if span.span_id == failed.parent_span_id)
    assert attributes(request)["http.response.status_code"] >= 400


def test_one_trace_spans_a_turn_its_models_and_its_tools(collected: Collector) -> None:
    (turn,) = collected.named("invoke_agent gearbox")
    within = [span for span in collected.spans if span.parent_span_id == turn.span_id]
    assert {span.trace_id for span in within} == {turn.trace_id}
    names = [span.name for span in sorted(within, key=lambda span: span.start_time_unix_nano)]
    assert names == ["chat scripted", "execute_tool calculator", "chat scripted"]
    assert attributes(turn)["gen_ai.conversation.id"]
    assert attributes(collected.named("execute_tool calculator")[0]) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "calculator",
    }


def test_metrics_have_the_names_of_the_conventions(collected: Collector) -> None:
    assert set(collected.metrics) == {
        "gen_ai.client.operation.duration",
        "gen_ai.client.operation.time_to_first_chunk",
        "gen_ai.client.token.usage",
    }
    kinds = {point["gen_ai.token.type"] for point in collected.metrics["gen_ai.client.token.usage"]}
    assert kinds == {"input", "output"}
    assert {point.get("error.type") for point in collected.metrics["gen_ai.client.operation.duration"]} == {
        None,
        "auth",
    }


def test_the_process_says_which_it_is_and_nothing_says_what_was_written(collected: Collector) -> None:
    assert collected.resources[0]["service.name"] == "gearbox"
    assert SECRET.encode() not in collected.raw
    assert b"6*7" not in collected.raw


def test_a_collector_that_is_not_there_holds_nothing_up(tmp_path: Path) -> None:
    with running(tmp_path, otlp_endpoint="http://127.0.0.1:9") as gearbox:
        chat(gearbox, "[[words:2]]", {})
        assert gearbox.ask("GET", "/healthz").status_code == 200


@pytest.mark.parametrize("address", ["localhost:4318", "http://me:secret@host", "http://host/?key=secret"])
def test_an_address_that_is_none_is_refused_without_being_repeated(tmp_path: Path, address: str) -> None:
    with pytest.raises((ConfigError, ValueError)) as refused, running(tmp_path, otlp_endpoint=address):
        pass
    assert "http://localhost:4318" in str(refused.value)
    assert "secret" not in str(refused.value)
