"""`/v1/rerank`, in the shape that Cohere's and Jina's clients read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.v1.conftest import House
from tests.v1.upstream import Upstream, upstream

SCORES = [{"index": 1, "relevance_score": 0.9}, {"index": 2, "relevance_score": 0.5}, {"index": 0, "score": 0.1}]


@pytest.fixture(scope="module")
def box(house: House) -> Iterator[Upstream]:
    with upstream() as box:
        house.services.keys.add_server(house.services.actor(), "Ranker", box.base_url, None)
        yield box


def ask(house: House, **body: Any) -> httpx.Response:
    asked = {"model": "sandbox/scripted-rerank", "query": "fast gears", "documents": ["bread", "gears"]} | body
    with httpx.Client(headers={"Authorization": f"Bearer {house.token}"}, trust_env=False, timeout=20) as client:
        return client.post(f"{house.origin}/v1/rerank", json=asked)


def test_the_best_stand_first(house: House) -> None:
    answer = ask(house, documents=["banana bread", {"text": "gears that are fast"}, "gears"], return_documents=True)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [each["index"] for each in told["results"]] == [2, 1, 0] or told["results"][-1]["index"] == 0
    assert {each["document"]["text"] for each in told["results"]} == {"banana bread", "gears that are fast", "gears"}
    scores = [each["relevance_score"] for each in told["results"]]
    assert scores == sorted(scores, reverse=True)
    assert told["model"] == "sandbox/scripted-rerank"
    assert told["id"].startswith("rerank-")
    assert told["usage"]["total_tokens"] > 0
    assert told["meta"] == {"billed_units": {"search_units": 1}}


def test_only_as_many_as_are_wanted(house: House) -> None:
    answer = ask(house, top_n=1).json()
    assert [set(each) for each in answer["results"]] == [{"index", "relevance_score"}]
    assert len(ask(house, top_n=50).json()["results"]) == 2


def test_servers_that_send_more_or_say_less(house: House, box: Upstream) -> None:
    box.answers["/rerank"] = {"results": SCORES}
    answer = ask(house, model="ranker/bge", documents=["a", {"text": "b"}, "c"], top_n=2)
    assert box.last.fields == {"model": "bge", "query": "fast gears", "documents": ["a", "b", "c"], "top_n": 2}
    assert [each["index"] for each in answer.json()["results"]] == [1, 2]
    assert "usage" not in answer.json()
    box.answers["/rerank"] = [{"index": 0, "score": 0.25}]  # TEI's
    assert ask(house, model="ranker/bge", query="other").json()["results"] == [{"index": 0, "relevance_score": 0.25}]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"documents": []}, "documents"),
        ({"documents": ["a", 1]}, "documents"),
        ({"documents": [{"title": "a"}]}, "documents"),
        ({"query": ""}, "query"),
        ({"top_n": 0}, "top_n"),
        ({"model": "auto"}, None),
    ],
    ids=["none", "a number", "no text", "no query", "nothing wanted", "auto"],
)
def test_what_can_t_be_ranked(house: House, body: dict[str, Any], param: str | None) -> None:
    answer = ask(house, **body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text
    if param == "documents":
        words = 'documents: must be 1 to 10000 documents, each a text or {"text": "..."}.'
        assert answer.json()["error"]["message"] == f"The request can't be used: {words} Correct that and ask again."


def test_a_ranking_is_booked_once_and_remembered(house: House) -> None:
    one, other = (ask(house, query="twice").json() for _ in range(2))
    assert one["results"] == other["results"]
