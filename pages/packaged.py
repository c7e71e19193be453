"""Our own components of Streamlit's second kind, as files that this server serves.

An inline script would be loaded from a `blob:` address, which the content policy forbids. Streamlit serves files of
installed packages that have a manifest; this project is none, so it is given ours by hand (Streamlit 1.67).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PROJECT = "gearbox"
_registering = threading.Lock()
_made: dict[str, Callable[..., Any]] = {}


def component(folder: Path, js: str, css: str | None = None) -> Callable[..., Any]:
    """The component of a package: its script and style sheet are in the folder's `assets`."""
    with _registering:  # else a page could find the name without its script
        if folder.name not in _made:
            _made[folder.name] = _registered(folder, js, css)
        return _made[folder.name]


def _registered(folder: Path, js: str, css: str | None) -> Callable[..., Any]:
    # Imported late: it takes a while, and not on the way to the first page. See `pages.warm`.
    from streamlit.components import v2
    from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
    from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

    manifest = ComponentManifest(_PROJECT, "1", [ComponentConfig(folder.name, "assets")])
    get_bidi_component_manager().register_from_manifest(manifest, folder)
    return v2.component(f"{_PROJECT}.{folder.name}", js=js, css=css)
