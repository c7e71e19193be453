"""A server made with the `mcp` package, over stdio or, with a port for an argument, over streamable HTTP."""

from __future__ import annotations

import sys
from typing import Annotated, Any

from mcp.server.mcpserver import (
    AcceptedElicitation,
    Context,
    Elicit,
    ElicitationResult,
    Image,
    MCPServer,
    Resolve,
)
from pydantic import BaseModel

server = MCPServer("official")


class Weather(BaseModel):
    """A structured answer."""

    degrees: float
    words: str


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def weather(city: str) -> Weather:
    """How the weather is."""
    return Weather(degrees=21.5, words=f"clear in {city}")


@server.tool()
def picture() -> Image:
    """Draw a picture."""
    from io import BytesIO

    from PIL import Image as Drawn

    written = BytesIO()
    Drawn.new("RGB", (3, 2)).save(written, "PNG")
    return Image(data=written.getvalue(), format="png")


@server.tool()
async def slowly(steps: int, ctx: Context[Any]) -> str:
    """Tell how far it is."""
    for step in range(1, steps + 1):
        await ctx.report_progress(step, steps, f"step {step}")
    return "there"


@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("the database is closed")


class Name(BaseModel):
    """What is asked."""

    name: str
    age: int


async def who() -> Elicit[Name]:
    """Ask the person."""
    return Elicit("Who are you?", Name)


@server.tool()
async def greet(said: Annotated[ElicitationResult[Name], Resolve(who)]) -> str:
    """Greet the person."""
    if isinstance(said, AcceptedElicitation):
        return f"Hello {said.data.name}, {said.data.age}"
    return f"Nobody: {said.action}"


def grown() -> str:
    """What is there later."""
    return "grown"


@server.tool()
async def grow(ctx: Context[Any]) -> str:
    """List one more tool, resource and prompt from now on."""
    server.add_tool(grown)
    server.resource("note://grown", name="grown")(grown)
    server.prompt("grown")(grown)
    await ctx.notify_tools_changed()
    return "grown"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run()
