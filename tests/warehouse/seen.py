"""Pages of numbers as Streamlit runs them, and what somebody reads there."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from data.values.actor import Actor


def opened(
    script: Callable[..., None], actor: Actor, /, *, at: dict[str, str] | None = None, **reports: object
) -> AppTest:
    """The page that a script draws, at an address.

    Args:
        script: takes `services` and `actor`; Streamlit runs its text alone, so what it needs it imports itself.
        at: the parameters of the address.
        reports: the services that the page asks, by their names.
    """
    services = SimpleNamespace(reports=SimpleNamespace(**reports))
    app = AppTest.from_function(script, kwargs={"services": services, "actor": actor}, default_timeout=60)
    for name, value in (at or {}).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def headings(app: AppTest) -> list[str]:
    """Of its parts."""
    return [heading.value for heading in app.subheader]


def told(app: AppTest) -> str:
    """Everything that is said."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.subheader]
    return " ".join(each.value for each in elements).replace("\\", "")
