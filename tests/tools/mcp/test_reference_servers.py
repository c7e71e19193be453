"""Servers that this project did not write: of the protocol's own projects, from npm and from the package's sources.

They are fetched, which takes half a minute: part of the campaign. Skipped where a registry can't be reached.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from core.errors import GearboxError
from core.tools.forms import form_of
from core.tools.mcp.listing import PROMPTS, RESOURCES
from core.tools.mcp.prompts import begun
from core.tools.mcp.results import result_of
from data.values.media import Blob
from data.values.parts import AudioPart, FilePart, ImagePart
from data.values.questions import Reply
from data.values.tool_servers import ToolServer
from tests.app.server import free_port
from tests.tools.mcp.house import ANN, Person, SessionHouse, address, program, text

pytestmark = pytest.mark.campaign

PACKAGES = ("@modelcontextprotocol/server-everything@2026.8.31", "@modelcontextprotocol/server-filesystem@2026.8.31")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the npm packages."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node is not installed here")
    folder = tmp_path_factory.mktemp("npm")
    flags = ("--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0")
    run = subprocess.run([npm, "install", *flags, *PACKAGES], cwd=folder, capture_output=True, timeout=240, check=False)
    if run.returncode:
        pytest.skip(f"npm can't install the packages: {run.stderr[-300:]!r}")
    return folder / "node_modules" / "@modelcontextprotocol"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the `mcp` package as it is installed, which have its example servers."""
    folder, release = tmp_path_factory.mktemp("sdist"), version("mcp")
    pip = shutil.which("pip")
    if pip is None:
        pytest.skip("pip is not installed here")
    fetch = [pip, "download", "--no-deps", "--no-binary", ":all:", "--retries", "0", f"mcp=={release}"]
    run = subprocess.run(fetch, cwd=folder, capture_output=True, timeout=240, check=False)
    if run.returncode:
        pytest.skip(f"pip can't fetch the sources: {run.stderr[-300:]!r}")
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / f"mcp-{release}" / "examples"


@contextmanager
def serving(command: list[str], place: Path, port: int, **environment: str) -> Iterator[ToolServer]:
    """A server over HTTP, answering."""
    process = subprocess.Popen(
        command, cwd=place, env={"PATH": "/usr/bin:/bin:/usr/local/bin", **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/mcp", timeout=5)
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
        yield address(f"http://127.0.0.1:{port}/mcp")
    finally:
        process.kill()
        process.wait()


def kept(content: bytes, media_type: str) -> Blob:
    return Blob(str(hash(content)), media_type, len(content))


async def reads_all(house: SessionHouse, server: ToolServer) -> None:
    """Every resource and every prompt without arguments."""
    tools = house.tools(server)
    contents = house.contents(server, tools[RESOURCES])
    assert contents.resources
    for each in contents.resources:
        assert (await house.call(server, tools[RESOURCES], uri=each.uri)).parts
    with pytest.raises(GearboxError):
        await house.call(server, tools[RESOURCES], uri="nowhere://at-all")
    plain = next(prompt.name for prompt in contents.prompts if not prompt.arguments)
    asking = house.sessions.asked(server, ANN, tools[PROMPTS], lambda live: live.prompt(plain, {}, 60))
    assert begun(await asyncio.wrap_future(asking)).text


async def all_of_everything(house: SessionHouse, server: ToolServer) -> None:
    tools = house.tools(server)
    assert len(tools) >= 10
    assert text(await house.call(server, tools["echo"], message="hé\u2028llo")) == "Echo: hé\u2028llo"
    assert "42" in text(await house.call(server, tools["get-sum"], a=40, b=2))
    assert (await house.call(server, tools["echo"], wrong=1)).failed
    assert '"temperature"' in text(await house.call(server, tools["get-structured-content"], location="New York"))
    assert "demo://resource" in text(await house.call(server, tools["get-resource-links"], count=3))
    assert "demo://resource" in text(await house.call(server, tools["get-resource-reference"]))
    await house.call(server, tools["trigger-long-running-operation"], duration=1, steps=4)
    assert house.lines == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
    picture = await house.sessions.call(server, ANN, tools["get-tiny-image"], {}, seconds=60, progress=print)
    # The colour profile of this server's picture is broken, which nobody minds.
    assert any(isinstance(part, ImagePart) for part in result_of(picture, kept).parts)
    await reads_all(house, server)
    person = Person(Reply.ACCEPT, name="Ann", check=True)
    assert "Ann" in text(await house.call(server, tools["trigger-elicitation-request"], ask=person))
    assert form_of(person.heard[0].schema)
    assert "declined" in text(await house.call(server, tools["trigger-elicitation-request"]))
    with pytest.raises(GearboxError, match=r"did not answer within 0\.5"):
        await house.call(server, tools["trigger-long-running-operation"], seconds=0.5, duration=30, steps=3)
    assert text(await house.call(server, tools["echo"], message="still there")) == "Echo: still there"


async def test_everything_over_stdio(house: SessionHouse, packages: Path) -> None:
    await all_of_everything(house, program("node", str(packages / "server-everything" / "dist" / "index.js")))


async def test_everything_over_http(house: SessionHouse, packages: Path) -> None:
    port = free_port()
    place = packages / "server-everything"
    node = shutil.which("node") or ""
    with serving([node, "dist/index.js", "streamableHttp"], place, port, PORT=str(port)) as server:
        await all_of_everything(house, server)


async def test_a_server_that_starts_anew_gets_a_new_session(house: SessionHouse, packages: Path) -> None:
    port, node, place = free_port(), shutil.which("node") or "", packages / "server-everything"
    command = [node, "dist/index.js", "streamableHttp"]
    with serving(command, place, port, PORT=str(port)) as server:
        tools = house.tools(server)
    with pytest.raises(GearboxError, match=r"can't be reached|ended"):
        await house.call(server, tools["echo"], message="nobody is there")
    house.clock.now += 60
    with serving(command, place, port, PORT=str(port)):
        assert text(await house.call(server, tools["echo"], message="again")) == "Echo: again"


async def test_the_file_system_s_stays_in_its_folder(house: SessionHouse, packages: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("inside")
    server = program("node", str(packages / "server-filesystem" / "dist" / "index.js"), str(tmp_path))
    tools = house.tools(server)
    assert "inside" in text(await house.call(server, tools["read_text_file"], path=str(tmp_path / "a.txt")))
    assert (await house.call(server, tools["read_text_file"], path="/etc/hostname")).failed
    written = await house.call(server, tools["write_file"], path=str(tmp_path / "b.txt"), content="öut")
    assert not written.failed
    assert (tmp_path / "b.txt").read_text() == "öut"
    assert tools["read_text_file"].says_reads
    assert not tools["write_file"].says_reads


async def test_the_package_s_conformance_server_over_http(house: SessionHouse, sources: Path) -> None:
    port = free_port()
    place = sources / "servers" / "everything-server"
    command = [sys.executable, "-m", "mcp_everything_server", "--port", str(port)]
    with serving(command, place, port) as server:
        tools = house.tools(server)
        assert len(tools) > 20
        parts = {
            name: result_of(
                await house.sessions.call(server, ANN, tools[name], {}, seconds=60, progress=house.lines.append), kept
            ).parts
            for name in ("test_simple_text", "test_image_content", "test_audio_content", "test_embedded_resource",
                         "test_multiple_content_types", "test_tool_with_progress")
        }  # fmt: skip
        assert isinstance(parts["test_image_content"][0], ImagePart | FilePart)
        assert isinstance(parts["test_audio_content"][0], AudioPart)
        assert len(parts["test_multiple_content_types"]) >= 3
        assert house.lines[-1].startswith("100 of 100")
        assert (await house.call(server, tools["test_error_handling"])).failed
        # What asks a model is refused in words: Gearbox does not offer it to servers.
        assert "not supported" in text(await house.call(server, tools["test_sampling"], prompt="hi"))
        person = Person(Reply.ACCEPT, username="Ann", email="ann@example.org", name="Ann", age=3, active=True)
        asked = {name: text(await house.call(server, tools[name], message="hi", ask=person))
                 for name in sorted(tools) if "elicitation" in name}  # fmt: skip
        assert asked["test_input_required_result_elicitation"] == "Hello, Ann!"
        assert person.heard
        await reads_all(house, server)
        assert "json_schema_2020_12_tool" in tools


@pytest.mark.parametrize("name", ["echo", "simple_echo", "parameter_descriptions", "unicode_example", "complex_inputs"])
def test_the_package_s_examples_over_stdio(house: SessionHouse, sources: Path, name: str) -> None:
    script = sources / "mcpserver" / f"{name}.py"
    run = f"import runpy; runpy.run_path({str(script)!r})['mcp'].run()"
    server = program(sys.executable, "-c", run)
    tools = house.tools(server)
    assert tools
    for tool in tools.values():
        assert tool.schema["type"] == "object"
