"""Documents are tested against the code: settings, and every relative link."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from core.config import Settings
from tests.project.places import ROOT

DOCUMENTS = sorted({ROOT / "README.md", *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})

# Defaults that are said in words because their value would say nothing.
IN_WORDS = {
    "home": "`var` in the checkout",
    "database_url": "SQLite in the home folder",
    "local_endpoints": "their default ports",
    "time_zone": "the server's own",
}

_ROW = re.compile(r"^\| `GEARBOX_(\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)|<(?:img|a)\s[^>]*?(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def rows() -> dict[str, tuple[str, str]]:
    """Setting in lower case: its default's words and its meaning."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    return {name.lower(): (default, meaning) for name, default, meaning in _ROW.findall(text)}


def default_of(name: str) -> Any:
    return Settings.model_fields[name].get_default()


def test_the_configuration_page_lists_exactly_the_settings() -> None:
    assert sorted(rows()) == sorted(Settings.model_fields)


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - set(IN_WORDS)))
def test_the_page_says_the_default(name: str) -> None:
    default = default_of(name)
    if default in (None, "", ()):
        assert rows()[name][0] == ("empty" if default == "" else "none")
        return
    value = str(default).lower() if isinstance(default, bool) else str(default)
    assert rows()[name][0] == f"`{value}`"


@pytest.mark.parametrize(("name", "words"), IN_WORDS.items())
def test_the_page_describes_the_default(name: str, words: str) -> None:
    assert rows()[name][0] == words


def test_the_described_defaults_are_the_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GEARBOX_{name.upper()}", raising=False)
    settings = Settings()
    assert settings.home == ROOT / "var"
    assert settings.store_url == f"sqlite:///{ROOT / 'var' / 'gearbox.db'}"
    ports = {name: url.rpartition(":")[2] for name, url in settings.local_endpoints.items()}
    assert ports == {"ollama": "11434/v1", "lmstudio": "1234/v1", "llamacpp": "8080/v1", "vllm": "8000/v1"}


@pytest.mark.parametrize(
    "name", [name for name, field in Settings.model_fields.items() if get_origin(field.annotation) is Literal]
)
def test_the_page_names_every_choice(name: str) -> None:
    choices = get_args(Settings.model_fields[name].annotation)
    missing = [choice for choice in choices if f"`{choice}`" not in " ".join(rows()[name])]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    broken = [target for target in relative_links(document.read_text("utf-8")) if not leads_somewhere(document, target)]
    assert broken == []


def relative_links(text: str) -> list[str]:
    found = (one or other for one, other in _LINK.findall(_FENCE.sub("", text)))
    return [target for target in found if not re.match(r"[a-z][a-z0-9+.-]*:", target)]


def leads_somewhere(document: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = (document.parent / path).resolve() if path else document
    if not there.is_relative_to(ROOT) or not there.exists():
        return False
    return not anchor or there.suffix != ".md" or anchor in anchors(there.read_text("utf-8"))


def anchors(text: str) -> set[str]:
    """As GitHub makes them from headings."""
    headings = (heading.strip().lower() for heading in _HEADING.findall(_FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}
