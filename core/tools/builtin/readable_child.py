"""Makes one HTML page readable, in a process of its own: the page comes in by standard input, JSON goes out.

Whoever wrote the page chose what the parser sees. Here it can't reach a key, and ends when it takes too long or too
much. Run by `readable.py` with `python -I`, so it imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

CPU_SECONDS = 12
MEMORY_BYTES = 1024 * 1024 * 1024

_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_NOT_TEXT = frozenset(
    {
        "script", "style", "noscript", "template", "svg", "math", "head", "iframe", "object", "canvas", "video",
        "audio", "select", "button", "input", "textarea",
    }
)  # fmt: skip
_AROUND = frozenset({"nav", "header", "footer", "aside", "form", "dialog", "menu"})
_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])")
_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
        "figcaption", "figure", "footer", "header", "main", "ol", "p", "section", "summary", "table", "ul",
    }
)  # fmt: skip
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_LINKED = re.compile(r"https?://[^\s()<>]{1,500}")
_ENOUGH = 200
_SHARE = 0.2


def limit() -> None:
    """Bound what this process may take, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit has to do
        return
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a stricter limit is set already
            resource.setrlimit(kind, (most, most))


def readable(html: bytes, url: str, charset: str) -> dict[str, str]:
    """`title` and `text`: what matters on the page, as Markdown."""
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, document_fromstring

    # As bytes: lxml refuses text that names an encoding of its own.
    text = _decoded(html, charset).replace("\x00", "").encode("utf-8", "replace")
    try:
        page = document_fromstring(text, parser=HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True))
    except ParserError:  # nothing is in it
        return {"title": "", "text": ""}
    title = next((node.text_content() for node in page.iter("title")), "")
    base = next((node.get("href") for node in page.iter("base") if node.get("href")), "")
    _drop(page, lambda node: node.tag in _NOT_TEXT or _is_hidden(node))
    return {"title": title, "text": _written(_main(page), urljoin(url, base))}


def _decoded(html: bytes, charset: str) -> str:
    """As its server says, else as the page itself does."""
    meta = _META.search(html[:4_096])
    for name in (charset, meta[1].decode() if meta else "", "utf-8"):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            if name:
                return html.decode(name)
    return html.decode("cp1252", "replace")


def _drop(page: Any, is_unwanted: Any) -> None:
    for node in [node for node in page.iter() if is_unwanted(node)]:
        if node.getparent() is not None:
            node.drop_tree()


def _is_hidden(node: Any) -> bool:
    """What no reader of the page sees; text is hidden so that only machines find it."""
    is_said = node.get("hidden") is not None or node.get("aria-hidden") == "true"
    return is_said or bool(_HIDDEN.search(node.get("style", "").lower()))


def _main(page: Any) -> Any:
    """The part that the page is about: its main element or only article, else all without what stands around it."""
    body = next(page.iter("body"), page)
    whole = len(body.text_content())
    articles = list(page.iter("article"))
    named = [node for node in page.iter() if node.tag == "main" or node.get("role") == "main"]
    for found in (*named, *(articles if len(articles) == 1 else ())):
        if len(found.text_content()) >= max(_ENOUGH, _SHARE * whole):
            body = found
            break
    before = len(" ".join(body.text_content().split()))
    around = [node for node in body.iter() if node is not body and (node.tag in _AROUND or node.get("role") in _ROLES)]
    # A page that wraps all of itself in a form, as some do, keeps it.
    for node in around:
        if node.getparent() is not None and len(" ".join(node.text_content().split())) < before / 2:
            node.drop_tree()
    return body


def _written(node: Any, url: str) -> str:
    text = "".join(_pieces(node, url, 0))
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _pieces(node: Any, url: str, depth: int) -> Iterator[str]:
    """The Markdown of a node, without its tail. Trees are at most 256 deep: the parser sees to that."""
    tag = node.tag
    if tag == "br":
        yield "\n"
    elif tag == "hr":
        yield "\n\n---\n\n"
    elif tag == "pre":
        yield f"\n\n```\n{node.text_content().strip()}\n```\n\n"
    elif tag in _HEADINGS:
        yield f"\n\n{_HEADINGS[tag]} {_line(node, url, depth)}\n\n"
    elif tag == "a":
        yield _link(node, url, depth)
    elif tag in {"b", "strong", "code"}:
        mark = "`" if tag == "code" else "**"
        held = "".join(_inside(node, url, depth))
        yield f"{mark}{held}{mark}" if held.strip() and "\n" not in held else held
    elif tag == "li":
        yield f"\n{'  ' * max(depth - 1, 0)}- "
        yield from _inside(node, url, depth)
    elif tag == "tr":
        yield from _row(node, url, depth)
    elif tag in {"ul", "ol"}:
        edge = "" if depth else "\n\n"
        yield edge
        yield from _inside(node, url, depth + 1)
        yield edge
    else:
        edge = "\n\n" if tag in _BLOCKS else ""
        yield edge
        yield from _inside(node, url, depth)
        yield edge


def _inside(node: Any, url: str, depth: int) -> Iterator[str]:
    yield re.sub(r"\s+", " ", node.text or "")
    for child in node:
        yield from _pieces(child, url, depth)
        yield re.sub(r"\s+", " ", child.tail or "")


def _line(node: Any, url: str, depth: int) -> str:
    return " ".join("".join(_inside(node, url, depth)).split())


def _link(node: Any, url: str, depth: int) -> str:
    words = _line(node, url, depth)
    try:
        address = urljoin(url, (node.get("href") or "").strip())
    except ValueError:
        address = ""
    is_address = bool(_LINKED.fullmatch(address))
    is_here = address.partition("#")[0] == url.partition("#")[0]
    return f"[{words}]({address})" if words and is_address and not is_here else words


def _row(node: Any, url: str, depth: int) -> Iterator[str]:
    cells = [_line(cell, url, depth).replace("|", "\\|") for cell in node if cell.tag in {"td", "th"}]
    if not any(cells):
        return
    yield f"\n| {' | '.join(cells)} |"
    table = next(node.iterancestors("table"), None)
    is_first = table is not None and next(table.iter("tr")) is node
    if is_first and len(cells) > 1:
        yield f"\n|{'---|' * len(cells)}"


if __name__ == "__main__":
    limit()
    sys.setrecursionlimit(10_000)
    found = readable(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2])
    sys.stdout.write(json.dumps(found))
