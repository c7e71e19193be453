"""The real npm packages, unchanged, against a running Gearbox over loopback HTTP."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.v1.conftest import House, running
from tests.v1.test_chat import PIXEL, settled

PACKAGES = ("ai@6.0.326", "@ai-sdk/openai-compatible@2.0.92")
HERE = Path(__file__).parent
MODEL = "sandbox/scripted"


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node is not installed here")
    folder = tmp_path_factory.mktemp("npm")
    flags = ("--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0")
    try:
        made = subprocess.run(
            [npm, "install", *flags, *PACKAGES], cwd=folder, capture_output=True, text=True, timeout=240, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry is too slow")
    if made.returncode:
        pytest.skip(f"npm can't install the packages: {made.stderr[-300:]}")
    for script in HERE.glob("*.mjs"):  # packages are looked for beside a script
        shutil.copy(script, folder)
    return folder


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("npm-house")) as house:
        yield house


def ran(folder: Path, script: str, house: House, *more: str) -> dict[str, Any]:
    node = subprocess.run(
        ["node", script, house.origin, house.token, *more],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert node.returncode == 0, node.stderr[-3000:]
    told: dict[str, Any] = json.loads(node.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def chat(packages: Path, house: House) -> dict[str, Any]:
    return ran(packages, "chat.mjs", house, PIXEL)


@pytest.fixture(scope="module")
def compatible(packages: Path, house: House) -> dict[str, Any]:
    return ran(packages, "compatible.mjs", house)


def texts(message: dict[str, Any], kind: str = "text") -> str:
    return "".join(part["text"] for part in message["parts"] if part["type"] == kind)


def test_words_stream_into_a_message(chat: dict[str, Any]) -> None:
    message = chat["text"]
    assert (message["role"], texts(message)) == ("assistant", "hello there")
    assert message["states"] > 2, "it came in pieces"
    assert message["metadata"]["model"] == MODEL
    assert message["metadata"]["usage"]["outputTokens"] == 2
    assert "cost" in message["metadata"]


def test_reasoning_is_a_part(chat: dict[str, Any]) -> None:
    assert texts(chat["reasoning"], "reasoning") == "let me see"
    assert texts(chat["reasoning"]) == "yes"


def test_a_source_is_a_part_with_its_title(chat: dict[str, Any]) -> None:
    [named] = [part for part in chat["sources"]["parts"] if part["type"] == "source-url"]
    assert (named["url"], named["title"]) == ("https://one.example/a", "First")
    assert named["sourceId"]


def test_a_picture_is_seen(chat: dict[str, Any]) -> None:
    assert "1 came" in texts(chat["picture"])


def test_a_client_s_tool_makes_its_round(chat: dict[str, Any]) -> None:
    told = chat["tools"]
    assert (told["status"], len(told["messages"])) == ("ready", 2), told
    answer = told["messages"][1]
    [call] = [part for part in answer["parts"] if part["type"] == "tool-weather"]
    assert (call["state"], call["output"]) == ("output-available", {"degrees": 21})
    assert "city" in call["input"]
    assert "21" in texts(answer)


def test_failures_are_words_for_people(chat: dict[str, Any]) -> None:
    for name in ("failed", "cut"):
        assert chat[name]["status"] == "error"
        assert chat[name]["isError"] is True
        assert chat[name]["error"]
        assert not chat[name]["error"].startswith("{")
    assert texts(chat["cut"]["messages"][-1]), "what had come is kept"
    assert json.loads(chat["refused"]["error"])["status"] == 401


def test_stop_ends_the_provider_s_stream(chat: dict[str, Any], house: House) -> None:
    assert chat["stopped"] == {"isAbort": True, "status": "ready"}
    assert "stopped" in [status for _, status, _ in settled(house.services.settings.home)]


def test_an_answer_is_made_again_as_another_message(chat: dict[str, Any]) -> None:
    assert chat["again"] == {"count": 2, "same": False}


def test_text_streams_through_v1(compatible: dict[str, Any]) -> None:
    streamed = compatible["streamed"]
    assert (streamed["text"], streamed["reasoning"], streamed["reason"]) == ("hello there", "let me see", "stop")
    assert streamed["usage"]["outputTokens"] == 5


def test_tools_run_in_steps_through_v1(compatible: dict[str, Any]) -> None:
    assert (compatible["tools"]["steps"], compatible["tools"]["calls"]) == (2, ["weather"])
    assert "21" in compatible["tools"]["text"]


def test_objects_vectors_and_pictures_come_through_v1(compatible: dict[str, Any]) -> None:
    assert set(compatible["object"]) == {"city", "days"}
    assert compatible["object"]["days"] >= 2
    assert compatible["one"] > 1
    assert compatible["many"] == 2
    assert compatible["image"]["kind"] == "image/png"
    assert compatible["image"]["bytes"] > 100


def test_v1_s_errors_have_their_status(compatible: dict[str, Any]) -> None:
    assert (compatible["refused"]["name"], compatible["refused"]["status"]) == ("AI_APICallError", 404)
