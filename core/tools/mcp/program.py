"""A server that is a program: started, spoken to over its input and output, and ended with all that it started.

The `mcp` package's own stdio client reads a line of any length into memory, and passes what the program says on its
error output to ours; this one bounds both.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

import anyio
import mcp_types
from anyio.abc import ByteReceiveStream, Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage

from core.providers.commits import to_the_end
from core.tools.mcp.heard import Heard

MOST_BYTES = 8_000_000
"""Of one message: a program that sends a longer one is ended."""
_MOST_GARBAGE = 1_000
"""Lines that are no message: many programs print a greeting; one that prints nothing else is ended."""
_BIG = 64_000
"""Messages longer than this are read in a thread."""
_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "PATHEXT", "TEMP")
_PATIENCE = 2.0
"""Seconds that a program has to end when its input is closed, and again when it is asked to."""


def clean_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What a program gets: where programs are and whose they are, and what the admin gave it. Nothing of Gearbox's."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | dict(variables)


@asynccontextmanager
async def running(
    command: Sequence[str], variables: Mapping[str, str], heard: Heard, ended: Callable[[], object]
) -> AsyncIterator[TransportStreams]:
    """Start a program in an empty folder of its own; the streams are what `mcp` takes for a transport.

    Args:
        heard: is told what the program says on its error output, and why it was ended when it was.
        ended: called when nothing will come from it any more.

    Raises:
        OSError: it can't be started.
    """
    with tempfile.TemporaryDirectory(prefix="gearbox-tool-server-", ignore_cleanup_errors=True) as folder:
        process = await anyio.open_process(
            list(command),
            env=clean_environment(variables),
            cwd=folder,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a group of its own, to end all that it starts
        )
        arriving, arrived = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        leaving, left = anyio.create_memory_object_stream[SessionMessage](0)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_read, process, arriving, heard, ended)
                tasks.start_soon(_write, process, left, arriving)
                tasks.start_soon(_overhear, process, heard)
                try:
                    yield arrived, leaving
                finally:
                    # Not anyio's shield alone: whoever cancels the task itself would get through it.
                    with anyio.CancelScope(shield=True):
                        await to_the_end(_end(process))
                    tasks.cancel_scope.cancel()
        finally:
            for stream in (arriving, arrived, leaving, left):
                stream.close()


async def _read(
    process: Process,
    arriving: MemoryObjectSendStream[SessionMessage | Exception],
    heard: Heard,
    ended: Callable[[], object],
) -> None:
    assert process.stdout
    garbage = 0
    async with arriving:
        with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError), _at_the_end(ended):
            async for line in _lines(process.stdout, heard):
                message = await _message(line)
                if message is not None:
                    await arriving.send(SessionMessage(message))
                    continue
                garbage += bool(line.strip())
                if garbage > _MOST_GARBAGE:
                    heard.problem = "it prints what is no message of the protocol"
                    return


@contextlib.contextmanager
def _at_the_end(ended: Callable[[], object]) -> Iterator[None]:
    try:
        yield
    finally:
        ended()


async def _lines(stdout: ByteReceiveStream, heard: Heard) -> AsyncIterator[bytes]:
    pieces: deque[bytes] = deque()
    size = 0
    with contextlib.suppress(anyio.EndOfStream):
        while True:
            received = await stdout.receive(65_536)
            *whole, rest = received.split(b"\n")
            for line in whole:
                pieces.append(line)
                yield b"".join(pieces)
                pieces.clear()
                size = 0
            pieces.append(rest)
            size += len(rest)
            if size > MOST_BYTES:
                heard.problem = f"it sent a message longer than {MOST_BYTES // 1_000_000} MB"
                return


async def _message(line: bytes) -> mcp_types.JSONRPCMessage | None:
    read = mcp_types.jsonrpc_message_adapter.validate_json
    try:
        return await anyio.to_thread.run_sync(_parsed, line) if len(line) > _BIG else read(line, by_name=False)
    except ValueError:
        return None


def _parsed(line: bytes) -> mcp_types.JSONRPCMessage:
    return mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False)


async def _write(
    process: Process,
    left: MemoryObjectReceiveStream[SessionMessage],
    arriving: MemoryObjectSendStream[SessionMessage | Exception],
) -> None:
    assert process.stdin
    try:
        async with left:
            async for each in left:
                line = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(line.encode() + b"\n")
    except (anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        # Nobody reads any more: whoever waits for an answer is told at once.
        arriving.close()


async def _overhear(process: Process, heard: Heard) -> None:
    assert process.stderr
    with contextlib.suppress(anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        while True:
            heard.add(await process.stderr.receive(4_096))


async def _end(process: Process) -> None:
    """Close its input, then ask it to end, then make it; all that it started in any case."""
    assert process.stdin
    with contextlib.suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdin.aclose()
    for name in (None, "SIGTERM", "SIGKILL"):
        if name is not None:
            _signal_group(process, name)
        with anyio.move_on_after(_PATIENCE):
            # Not `process.wait()`: it also waits for whoever else holds the other ends of the pipes.
            while process.returncode is None:  # noqa: ASYNC110  # nothing tells of it
                await anyio.sleep(0.01)
            break
    _signal_group(process, "SIGKILL")
    # Nothing public lets go of the pipes while a child of the program's still holds them.
    transport = getattr(getattr(process, "_process", None), "_transport", None)
    if transport is not None:
        transport.close()


def _signal_group(process: Process, name: str) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.Signals[name])
