"""`/metrics` of a running Gearbox, read back by Prometheus' own parsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics import parser
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from core.access.policy import Permission
from tests.api.gearbox import Gearbox, running

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
PROMPT = "a prompt that nobody may read in metrics"


@pytest.fixture(scope="module")
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gearbox]:
    with running(tmp_path_factory.mktemp("metrics")) as gearbox:
        yield gearbox


def chat(gearbox: Gearbox, prompt: str, *, stream: bool = True) -> httpx.Response:
    body = {"model": "sandbox/scripted", "stream": stream, "messages": [{"role": "user", "content": prompt}]}
    return gearbox.ask("POST", "/v1/chat/completions", json=body)


def samples(gearbox: Gearbox, accept: str = "") -> list[Sample]:
    answer = gearbox.ask("GET", "/metrics", headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    read = parser.text_string_to_metric_families if "openmetrics" in accept else text_string_to_metric_families
    return [sample for family in read(answer.text) for sample in family.samples]


def value(found: list[Sample], name: str, **labels: str) -> float:
    fitting = [each for each in found if each.name == name and labels.items() <= each.labels.items()]
    assert fitting, f"{name} {labels} is not there"
    return sum(each.value for each in fitting)


def test_both_formats_are_read_by_their_parsers_and_say_the_same(gearbox: Gearbox) -> None:
    assert chat(gearbox, "[[words:20]] talk").status_code == 200
    plain, modern = samples(gearbox), samples(gearbox, OPENMETRICS)
    for found in (plain, modern):
        assert value(found, "gearbox_model_calls_total", provider="sandbox", status="ok") == 1
        assert value(found, "gearbox_model_tokens_total", kind="output") > 0
    assert (
        gearbox.ask("GET", "/metrics", headers={"Accept": OPENMETRICS})
        .headers["content-type"]
        .startswith("application/openmetrics-text")
    )


def test_an_answer_is_measured_from_its_request_to_its_last_piece(gearbox: Gearbox) -> None:
    before = samples(gearbox)
    chat(gearbox, "[[words:30]] talk")
    after = samples(gearbox)

    def grown(name: str, **labels: str) -> float:
        try:
            had = value(before, name, **labels)
        except AssertionError:
            had = 0.0
        return value(after, name, **labels) - had

    route = {"route": "/v1/chat/completions", "method": "POST"}
    assert grown("gearbox_http_requests_total", status="200", **route) == 1
    assert grown("gearbox_http_request_duration_seconds_count", **route) == 1
    assert grown("gearbox_model_ttft_seconds_count", provider="sandbox") == 1
    assert grown("gearbox_model_call_duration_seconds_count", provider="sandbox") == 1
    assert grown("gearbox_model_inter_token_seconds_count", provider="sandbox") >= 10
    assert value(after, "gearbox_audit_events_total", action="token.create", outcome="done") == 1
    assert grown("gearbox_flag_evaluations_total", flag="api-gateway", variant="on") >= 1
    assert value(after, "gearbox_http_requests_in_progress") == 1, "only this one"


def test_failures_are_told_by_kind(gearbox: Gearbox) -> None:
    answer = chat(gearbox, "[[fault:500]] talk", stream=False)
    assert answer.status_code >= 500
    found = samples(gearbox)
    assert value(found, "gearbox_model_calls_total", status="failed", error="provider") >= 1


def test_paths_and_prompts_and_people_stay_out(gearbox: Gearbox) -> None:
    chat(gearbox, PROMPT)
    gearbox.ask("GET", "/a/path/of/somebody")
    gearbox.ask("GET", "/api/connections/some-id-of-a-key")
    text = gearbox.ask("GET", "/metrics").text
    for secret in (PROMPT, "somebody", "some-id-of-a-key", gearbox.token, gearbox.services.actor().user_id):
        assert secret not in text
    assert 'route="/api/connections/{connection_id}"' in text or 'route="/api/connections' not in text


def test_what_waits_is_read_with_each_answer(gearbox: Gearbox) -> None:
    found = samples(gearbox)
    assert value(found, "gearbox_warehouse_up") == 1
    assert value(found, "gearbox_outbox_lag_seconds") >= 0
    assert value(found, "gearbox_audit_refusing") == 0
    assert value(found, "gearbox_disk_free_bytes") > 0
    assert value(found, "gearbox_turns_running") == 0
    assert {each.labels["part"] for each in found if each.name == "gearbox_reading_failed" and each.value == 0} == {
        "store", "warehouse", "audit", "circuits", "disk", "workspace"
    }  # fmt: skip


def test_a_part_that_can_not_be_read_leaves_a_gap_and_says_so(tmp_path: Path) -> None:
    with running(tmp_path) as gearbox:
        home = gearbox.services.settings.home
        moved = home.rename(home.with_name("gone"))
        try:
            found = samples(gearbox)
        finally:
            moved.rename(home)
    assert value(found, "gearbox_reading_failed", part="disk") == 1
    assert not [each for each in found if each.name == "gearbox_disk_free_bytes"]


def test_nobody_sees_metrics_without_the_scope(gearbox: Gearbox) -> None:
    _, scrapes = gearbox.services.tokens.create(gearbox.services.actor(), "scrape", [Permission.SEE_METRICS])
    _, chats = gearbox.services.tokens.create(gearbox.services.actor(), "chat", [Permission.CHAT])
    assert gearbox.ask("GET", "/metrics", headers={"Authorization": f"Bearer {scrapes}"}).status_code == 200
    assert gearbox.ask("GET", "/metrics", headers={"Authorization": f"Bearer {chats}"}).status_code == 403
    refused = httpx.get(f"{gearbox.origin}/metrics", trust_env=False)
    assert refused.status_code == 401
    assert "gearbox_" not in refused.text
