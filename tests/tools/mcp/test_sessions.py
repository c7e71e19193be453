"""Sessions with a program: what servers do that they should not, and what comes of it."""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import GearboxError
from core.tools.mcp.results import MOST_CHARS
from core.tools.mcp.troubles import ServerGone
from tests.tools.mcp.house import ANN, BOB, CANARY, SessionHouse, program, raw_command, text


def asked(folder: Path, method: str) -> int:
    lines = (folder / "asked").read_text().splitlines()
    return sum(json.loads(line)["method"] == method for line in lines)


def started(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "started").read_text().split()]


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline, f"{pid} still runs"
        time.sleep(0.02)


def test_tools_are_listed_and_called(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path, "greets"))
    tools = house.tools(server)
    assert tools["echo"].schema == {"type": "object", "properties": {"text": {"type": "string"}}}
    assert tools["echo"].says_reads
    result = house.called(server, tools["echo"], text="h\u00e9llo\u2028\nthere")
    assert text(result).startswith("h\u00e9llo\u2028\nthere")
    assert result.is_untrusted
    assert not result.failed
    assert text(house.called(server, tools["mute"])) == "(The tool answered nothing.)"
    assert len(started(tmp_path)) == 1, "one session serves all calls of a person"


def test_a_program_gets_a_clean_environment_and_an_empty_folder(
    house: SessionHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEARBOX_KEK", "never-shown")
    monkeypatch.setenv("OPENAI_API_KEY", "never-shown")
    server = program(*raw_command(tmp_path))
    seen = json.loads(text(house.called(server, house.tools(server)["environment"])))
    assert seen["TEST_KEY"] == CANARY
    assert "PATH" in seen
    assert "never-shown" not in seen.values()
    assert not {name for name in seen if name.startswith(("GEARBOX", "OPENAI"))}
    assert "gearbox-tool-server-" in seen["in"]
    house.sessions.close()
    assert not Path(seen["in"]).exists()


def test_each_person_has_a_session_of_their_own(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path))
    assert house.tools(server, ANN) == house.tools(server, BOB)
    assert len(set(started(tmp_path))) == 2


def test_a_server_that_dies_in_a_call_is_not_asked_twice_and_is_started_anew(
    house: SessionHouse, tmp_path: Path
) -> None:
    server = program(*raw_command(tmp_path))
    tools = house.tools(server)
    with pytest.raises(ServerGone, match="ended the connection") as gone:
        house.called(server, tools["die"])
    assert gone.value.was_asked
    assert CANARY not in gone.value.explain()
    assert "it was my time" in gone.value.remedy
    assert asked(tmp_path, "tools/call") == 1
    assert text(house.called(server, tools["echo"], text="again")).startswith("again")
    assert len(started(tmp_path)) == 2


def test_a_program_that_was_killed_between_calls_is_started_anew(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path))
    tools = house.tools(server)
    os.kill(started(tmp_path)[0], 9)
    until_gone(started(tmp_path)[0])
    try:
        house.called(server, tools["echo"], text="hi")
    except ServerGone:  # it was asked before anybody saw the end
        house.called(server, tools["echo"], text="hi")
    assert len(started(tmp_path)) == 2


def test_a_call_that_hangs_ends_and_the_server_is_told(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path))
    tools = house.tools(server)
    with pytest.raises(GearboxError, match=r"did not answer within 0\.3 seconds"):
        house.called(server, tools["hang"], seconds=0.3)


async def test_a_call_is_cancelled_with_its_caller(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path))
    tools = await asyncio.to_thread(house.tools, server)
    calling = asyncio.create_task(house.call(server, tools["hang"]))
    while not (tmp_path / "hanging").exists():  # noqa: ASYNC110  # another process makes it
        await asyncio.sleep(0.02)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    await asyncio.to_thread(house.sessions.close)
    until_gone(started(tmp_path)[0])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("ends", "ended the connection"),
        ("garbage", "cut off: it prints what is no message"),
        ("fills", "cut off: it sent a message longer than 8 MB"),
    ],
)
def test_what_is_no_server_is_told_in_words(house: SessionHouse, tmp_path: Path, fault: str, words: str) -> None:
    server = program(*raw_command(tmp_path, fault))
    with pytest.raises(GearboxError, match=words):
        house.tools(server)
    until_gone(started(tmp_path)[0])


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    house = SessionHouse(open_seconds=1.0)
    server = program(*raw_command(tmp_path, "silent"))
    with pytest.raises(GearboxError, match="did not answer within 1 seconds"):
        house.tools(server)
    until_gone(started(tmp_path)[0])


def test_a_missing_program_is_told(house: SessionHouse) -> None:
    with pytest.raises(GearboxError, match="no such program"):
        house.tools(program("/nowhere/at-all"))


def test_after_failures_it_rests_longer_each_time(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path, "ends"))
    for rest in (1, 2, 4):
        with pytest.raises(GearboxError, match="ended the connection"):
            house.tools(server)
        with pytest.raises(GearboxError) as resting:
            house.tools(server)
        assert resting.value.remedy == f"It is asked again in {rest} seconds."
        house.clock.now += rest
    assert len(started(tmp_path)) == 3, "while it rests nothing is started"
    with pytest.raises(GearboxError, match="ended the connection"):
        house.tools(server, at_once=True)
    assert len(started(tmp_path)) == 4, "an admin need not wait"


def test_a_huge_answer_is_cut(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path))
    said = text(house.called(server, house.tools(server)["huge"], size=3_000_000))
    assert said.count("x") == MOST_CHARS
    assert said.endswith("[Cut here: the answer has 3000000 characters.]")


def test_an_answer_that_no_memory_should_hold_ends_the_session(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path))
    with pytest.raises(GearboxError, match="longer than 8 MB"):
        house.called(server, house.tools(server)["huge"], size=9_000_000)


def test_of_two_tools_with_one_name_the_first_is_there(house: SessionHouse, tmp_path: Path) -> None:
    tools = house.tools(program(*raw_command(tmp_path, "twice")))
    assert tools["echo"].description == "Says it again"


def test_a_tool_that_changed_is_not_called(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path))
    trusted = house.tools(server)["echo"]
    (tmp_path / "change").touch()
    house.tools(server, at_once=True)
    with pytest.raises(GearboxError, match="has changed its tool echo"):
        house.called(server, trusted, text="secret")
    with pytest.raises(GearboxError, match="has no tool"):
        house.called(server, replace(trusted, name="gone"), text="secret")
    assert asked(tmp_path, "tools/call") == 0
    described = [each["echo"].description for each in house.listed]
    assert list(dict.fromkeys(described)) == ["Says it again", "Says it again, and sends it to example.org"]


def test_what_a_server_is_reached_by_changed_so_the_old_session_is_not_used(
    house: SessionHouse, tmp_path: Path
) -> None:
    server = program(*raw_command(tmp_path))
    house.tools(server)
    house.tools(replace(server, secret_id="another"))
    assert len(started(tmp_path)) == 2
    until_gone(started(tmp_path)[0])
