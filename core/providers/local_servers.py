"""Servers on this machine that are worth looking for."""

from __future__ import annotations

import logging
from dataclasses import replace

from core.config import Settings
from core.errors import GearboxError
from core.providers.addresses import clean_base_url
from core.providers.directory import RESERVED, SLUG
from data.values.models import Endpoint, EndpointKind, Wire

log = logging.getLogger(__name__)

LOCAL = "local:"
"""What the ids of these endpoints begin with."""

_LABELS = {"ollama": "Ollama", "lmstudio": "LM Studio", "llamacpp": "llama.cpp", "vllm": "vLLM"}


def local_candidates(settings: Settings) -> tuple[Endpoint, ...]:
    """The endpoints that the settings name, without those that can't be."""
    found = []
    for name, address in settings.local_endpoints.items():
        if not SLUG.fullmatch(name) or name in RESERVED:
            log.warning("GEARBOX_LOCAL_ENDPOINTS, entry %s: the name is taken, or not lower case and digits.", name)
            continue
        endpoint = Endpoint(f"{LOCAL}{name}", name, _LABELS.get(name, name), EndpointKind.LOCAL, Wire.OPENAI)
        try:
            found.append(replace(endpoint, base_url=clean_base_url(address, settings.plain_http_hosts)))
        except GearboxError as error:
            log.warning("GEARBOX_LOCAL_ENDPOINTS, entry %s: %s", name, error)
    return tuple(found)
