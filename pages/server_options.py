"""Streamlit's own options that safety rests on: a flag or the environment can change them, so they are checked."""

from __future__ import annotations

from streamlit import config

from core.errors import ConfigError

_NEEDED = {
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,
    "server.baseUrlPath": "",  # every rule of core.api.doors names whole paths
    "client.showErrorDetails": "none",
    "global.developmentMode": False,
}


def check_server_options() -> None:
    """Refuse to serve with an option that opens what has to stay closed.

    Raises:
        ConfigError: names it.
    """
    for name, needed in _NEEDED.items():
        if config.get_option(name) != needed:
            variable = "STREAMLIT_" + name.replace(".", "_").upper()
            raise ConfigError(
                f"Streamlit's option {name} has to be {str(needed).lower() or 'empty'} here.",
                f"Remove it from the command line, from config.toml and from the environment ({variable} or alike).",
            )
