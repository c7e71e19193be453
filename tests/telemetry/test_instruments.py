from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from core.telemetry.gaps import BOUNDS, GapHistogram, Gaps
from core.telemetry.instruments import MOST_MODELS, Instruments
from core.telemetry.labels import OTHER, Bounded
from data.values.actor import Actor, Surface
from data.values.calls import CallIntent, CallOutcome, CallStatus

SOMEBODY = Actor("u", frozenset(), Surface.API)
WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def test_labels_have_a_limit_that_nobody_outside_can_raise() -> None:
    bounded = Bounded(2)
    assert bounded.of("a", "b") == ("a", "b")
    assert bounded.of("c", "d" * 500) == ("c", "d" * 128)
    assert bounded.of("e", "f") == (OTHER, OTHER)
    assert bounded.of("a", "b") == ("a", "b"), "who was there first keeps its name"


def test_models_that_a_program_makes_up_do_not_fill_the_memory() -> None:
    instruments = Instruments("1.2.3", {"known"})
    for number in range(MOST_MODELS * 3):
        intent = CallIntent("c", SOMEBODY, "known", f"model-{number}", WHEN, "endpoint")
        instruments.call_ended(intent, CallOutcome(CallStatus.OK, 12.0, ttft_ms=5.0))
    families = text_string_to_metric_families(generate_latest(instruments.registry).decode())
    calls = next(family for family in families if family.name == "gearbox_model_calls")
    counted = {each.labels["model"]: each.value for each in calls.samples if each.name.endswith("_total")}
    assert len(counted) == MOST_MODELS + 1
    assert counted[OTHER] == 2 * MOST_MODELS


def test_servers_and_models_of_somebodys_own_have_no_names() -> None:
    instruments = Instruments("1.2.3", {"openai"})
    for provider, model, endpoint in (
        ("anns-box", "anns-model", "e1"),
        ("openai", "ft:gpt-4o-2024-08-06:acme::Bx3", "e2"),
        ("ollama", "llama3", "local:ollama"),
    ):
        intent = CallIntent("c", SOMEBODY, provider, model, WHEN, endpoint)
        instruments.call_ended(intent, CallOutcome(CallStatus.OK, 12.0))
    text = generate_latest(instruments.registry).decode()
    assert "anns" not in text
    assert "acme" not in text
    named = ('model="own",provider="own"', 'model="ft:gpt-4o-2024-08-06",provider="openai"', 'model="llama3"')
    assert all(labels in text for labels in named)


def test_gaps_go_into_the_bins_that_their_edges_say() -> None:
    gaps, histogram = Gaps(), GapHistogram("gap_seconds", "Gaps.", ("model",))
    moments = [0.0, 0.001, 0.011, 0.021, 99.0]  # the first piece ends no gap
    for moment in moments:
        gaps.piece(moment)
    histogram.add(("m",), gaps)
    histogram.add(("m",), gaps)
    (family,) = histogram.collect()
    buckets = {each.labels["le"]: each.value for each in family.samples if each.name == "gap_seconds_bucket"}
    assert buckets["0.0025"] == 2
    assert buckets["0.01"] >= 2
    assert buckets["0.025"] == 6
    assert buckets[str(BOUNDS[-1])] == 6
    assert buckets["+Inf"] == 8
    assert next(each.value for each in family.samples if each.name == "gap_seconds_sum") == 2 * 99.0
