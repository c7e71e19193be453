"""The settings say whether Gearbox chooses for their person, and keep what counts either way."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from tests.people import ALICE
from tests.routing.house import RoutingHouse


def script(services: object, actor: object) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from types import SimpleNamespace
    from typing import Any, cast

    from pages.settings import model_choice

    known = cast("Any", services).preferences.load(actor)
    model_choice.draw(cast("Any", SimpleNamespace(services=services, actor=actor, preferences=known)))


def run(house: RoutingHouse) -> AppTest:
    services = SimpleNamespace(routing=house.routing, preferences=house.preferences, connections=house.connections)
    app = AppTest.from_function(script, kwargs={"services": services, "actor": ALICE}, default_timeout=60).run()
    assert not app.exception
    return app


def test_who_has_it_turned_off_is_told_and_still_says_from_which_cost_on_to_ask(house: RoutingHouse) -> None:
    house.preferences.save(ALICE, advanced=True)
    house.off.add(ALICE.user_id)
    app = run(house)
    assert [heading.value for heading in app.subheader] == ["Model choice"]
    assert "Auto is turned off for you." in app.caption[0].value
    assert [each.label for each in app.selectbox] == ["Before the usual model answers, ask"]
    assert not app.expander, "nothing else counts"
    app.selectbox[0].select("0.50").run()
    assert house.preferences.load(ALICE).auto_ask_from == Decimal("0.50")

    house.off.clear()
    app = run(house)
    assert "turned off" not in "".join(each.value for each in app.caption)
    assert app.selectbox[0].label == "Before Auto takes a costly model, ask"
    assert app.selectbox[0].value == "0.50"
    assert app.expander
