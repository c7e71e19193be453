"""OpenFeature: the scenarios of its specification, and what else its clients rely on.

The first tests say in our words what the scenarios of the specification's `evaluation.feature` say (Apache-2.0,
https://github.com/open-feature/spec).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagEvaluationDetails, Reason

from data.store import OwnerId
from data.values.flags import Attribute, Flag, FlagKind, FlagState, Rule, Unit
from tests.databases import open_store
from tests.flags.house import ADMIN, FlagHouse, flag_house
from tests.flags.test_evaluation import flag, rollout, when
from tests.flags.test_store import save

OBJECT = {"showImages": True, "title": "Check out these pics!", "imagesPerPage": 100}
FLAGS: dict[str, tuple[FlagKind, dict[str, Any], str]] = {
    "boolean-flag": (FlagKind.BOOLEAN, {"on": True, "off": False}, "on"),
    "string-flag": (FlagKind.STRING, {"greeting": "hi", "parting": "bye"}, "greeting"),
    "integer-flag": (FlagKind.NUMBER, {"one": 1, "ten": 10}, "ten"),
    "float-flag": (FlagKind.NUMBER, {"tenth": 0.1, "half": 0.5}, "half"),
    "object-flag": (FlagKind.JSON, {"empty": {}, "template": OBJECT}, "template"),
    "wrong-flag": (FlagKind.STRING, {"one": "uno", "two": "dos"}, "one"),
}
VALUES = {
    "boolean-flag": ("boolean", False, True, "on"),
    "string-flag": ("string", "bye", "hi", "greeting"),
    "integer-flag": ("integer", 1, 10, "ten"),
    "float-flag": ("float", 0.1, 0.5, "half"),
    "object-flag": ("object", {}, OBJECT, "template"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlagHouse]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('flags') / 'gearbox.db'}", owner=OwnerId.current())
    for key, (kind, variants, default) in FLAGS.items():
        save(store, Flag(key, kind, variants, default, default))
    aware = Rule("insiders", when(Attribute.EMAIL_DOMAIN, "example.org").conditions, "internal")
    variants = {"internal": "INTERNAL", "external": "EXTERNAL"}
    save(store, Flag("context-aware", FlagKind.STRING, variants, "external", "external", rules=(aware,)))
    save(store, flag(rollout(100), key="divided"))
    save(store, flag(rollout(100), key="by-team", unit=Unit.TEAM))
    save(store, flag(key="killed", default="on", state=FlagState.KILLED))
    yield flag_house(store)
    store.close()


@pytest.fixture
def client(house: FlagHouse) -> OpenFeatureClient:
    return house.flags.client()


def details(
    client: OpenFeatureClient, kind: str, key: str, default: Any, who: EvaluationContext | None = None
) -> FlagEvaluationDetails[Any]:
    """Both ways of asking have to say the same."""
    now: FlagEvaluationDetails[Any] = getattr(client, f"get_{kind}_details")(key, default, who)
    later = asyncio.run(getattr(client, f"get_{kind}_details_async")(key, default, who))
    assert now == later
    assert getattr(client, f"get_{kind}_value")(key, default, who) == now.value
    return now


@pytest.mark.parametrize("key", VALUES)
def test_a_value_of_each_kind_with_its_variant_and_reason(client: OpenFeatureClient, key: str) -> None:
    kind, default, value, variant = VALUES[key]
    found = details(client, kind, key, default)
    assert (found.value, type(found.value), found.variant, found.reason) == (value, type(value), variant, Reason.STATIC)
    assert found.error_code is None
    assert found.flag_metadata == {"version": 1, "unit": "user"}


def test_a_value_that_depends_on_the_context(client: OpenFeatureClient) -> None:
    inside = EvaluationContext(attributes={"email": "sulislaw@example.org", "age": 29, "customer": False})
    found = details(client, "string", "context-aware", "EXTERNAL", inside)
    assert (found.value, found.reason, found.flag_metadata["rule"]) == ("INTERNAL", Reason.TARGETING_MATCH, "insiders")
    found = details(client, "string", "context-aware", "?")
    assert (found.value, found.reason) == ("EXTERNAL", Reason.DEFAULT)


@pytest.mark.parametrize(
    ("kind", "key", "default", "who", "code"),
    [
        ("string", "missing-flag", "uh-oh", None, ErrorCode.FLAG_NOT_FOUND),
        ("integer", "wrong-flag", 13, None, ErrorCode.TYPE_MISMATCH),
        ("integer", "boolean-flag", 13, None, ErrorCode.TYPE_MISMATCH),
        ("float", "boolean-flag", 1.5, None, ErrorCode.TYPE_MISMATCH),
        ("integer", "float-flag", 13, None, ErrorCode.TYPE_MISMATCH),
        ("object", "string-flag", {}, None, ErrorCode.TYPE_MISMATCH),
        ("boolean", "divided", True, None, ErrorCode.TARGETING_KEY_MISSING),
        ("boolean", "divided", True, EvaluationContext("ann", {"roles": "admin"}), ErrorCode.INVALID_CONTEXT),
        ("boolean", "divided", True, EvaluationContext("ann", {"email": 5}), ErrorCode.INVALID_CONTEXT),
    ],
)
def test_an_error_gives_the_default_of_who_asks(  # noqa: PLR0917
    client: OpenFeatureClient, kind: str, key: str, default: Any, who: EvaluationContext | None, code: ErrorCode
) -> None:
    found = details(client, kind, key, default, who)
    assert (found.value, found.reason, found.error_code, found.variant) == (default, Reason.ERROR, code, None)


def test_groups_and_states(client: OpenFeatureClient) -> None:
    found = details(client, "boolean", "divided", False, EvaluationContext("ann"))
    assert (found.value, found.reason, found.flag_metadata["arm"]) == (True, Reason.SPLIT, "treated")
    found = details(client, "boolean", "by-team", False, EvaluationContext("ann"))  # who is in no team is in no group
    assert (found.value, found.reason) == (False, Reason.DEFAULT)
    found = details(client, "boolean", "killed", True)
    assert (found.value, found.reason) == (False, Reason.DISABLED)


def test_it_says_who_it_is_and_tells_of_changes(house: FlagHouse, client: OpenFeatureClient) -> None:
    told: SimpleQueue[EventDetails] = SimpleQueue()  # OpenFeature calls handlers on threads of its own
    assert client.provider.get_metadata().name == "gearbox"
    client.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, told.put)
    house.admin.save(ADMIN, house.admin.get(ADMIN, "mcp"))
    assert told.get(timeout=10).flags_changed == ["mcp"]
    client.remove_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, told.put)
    assert api.get_provider_metadata().name != "gearbox"  # another domain's provider is no business of ours
