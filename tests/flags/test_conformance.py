"""The provider against the scenarios of OpenFeature's `evaluation_v2.feature` and `hooks.feature`, in our words.

Apache-2.0, https://github.com/open-feature/spec; the numbers of sections are the specification's. Three are not asked:
CACHED (nothing is kept that could be told from a fresh evaluation), a flag without a default variant (a flag of ours
always has one), and metadata of one's own (ours are fixed).
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEvent
from openfeature.exception import ErrorCode, ProviderFatalError
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagEvaluationOptions, Reason
from openfeature.hook import Hook, HookContext
from openfeature.provider import ProviderStatus

from core.flags.provider import FlagProvider
from data.store import OwnerId
from data.values.flags import Attribute, Condition, Flag, FlagKind, FlagState, Rule
from tests.chat.house import now
from tests.databases import open_store
from tests.flags.house import FlagHouse, flag_house
from tests.flags.test_store import save

PICTURES = {"showImages": True, "title": "Look at these", "imagesPerPage": 100}
KINDS: dict[str, tuple[FlagKind, Any, Any, Any]] = {
    # what a client calls it: ours, zero, another value, the default of who asks
    "boolean": (FlagKind.BOOLEAN, False, True, True),
    "string": (FlagKind.STRING, "", "str", "hi"),
    "integer": (FlagKind.NUMBER, 0, 10, 1),
    "float": (FlagKind.NUMBER, 0.0, 0.5, 0.1),
    "object": (FlagKind.JSON, {}, PICTURES, {"a": 1}),
}
INSIDE = EvaluationContext(attributes={"email": "ada@inside.example"})
OUTSIDE = EvaluationContext(attributes={"email": "eve@outside.example"})
_NO_VALUES: Any = dict.fromkeys(("email", "roles", "team_ids", "environment"))
NULLS = EvaluationContext(attributes=_NO_VALUES)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conformance") / "gearbox.db"


@pytest.fixture(scope="module")
def house(path: Path) -> Iterator[FlagHouse]:
    store = open_store(f"sqlite:///{path}", owner=OwnerId.current())
    inside = Rule("inside", (Condition(Attribute.EMAIL_DOMAIN, ("inside.example",)),), "zero")
    for name, (kind, zero, value, default) in KINDS.items():
        variants = {"zero": zero, "other": value}
        save(store, Flag(f"{name}-flag", kind, variants, "other", "zero"))
        save(store, Flag(f"{name}-zero-flag", kind, variants, "zero", "other"))
        save(store, Flag(f"{name}-targeted-zero-flag", kind, variants, "other", "other", rules=(inside,)))
        off = {"zero": default, "other": value}
        save(store, Flag(f"{name}-disabled-flag", kind, off, "other", "zero", state=FlagState.OFF))
    yield flag_house(store)
    store.close()


@pytest.fixture
def client(house: FlagHouse) -> OpenFeatureClient:
    return house.flags.client()


def asked(
    client: OpenFeatureClient, kind: str, key: str, who: EvaluationContext | None = None
) -> FlagEvaluationDetails[Any]:
    """The details; waiting for them and not waiting have to say the same (1.4.12)."""
    default = KINDS[kind][3]
    found: FlagEvaluationDetails[Any] = getattr(client, f"get_{kind}_details")(key, default, who)
    assert asyncio.run(getattr(client, f"get_{kind}_details_async")(key, default, who)) == found
    assert getattr(client, f"get_{kind}_value")(key, default, who) == found.value
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_details_are_whole(client: OpenFeatureClient, kind: str) -> None:
    """1.4.3, 1.4.5, 1.4.6, 1.4.7, 1.4.14."""
    found = asked(client, kind, f"{kind}-flag")
    value = KINDS[kind][2]
    assert (found.value, type(found.value), found.flag_key) == (value, type(value), f"{kind}-flag")
    assert (found.variant, found.reason, found.error_code) == ("other", Reason.STATIC, None)
    assert all(isinstance(each, bool | int | float | str) for each in found.flag_metadata.values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_zero_is_a_value(client: OpenFeatureClient, kind: str) -> None:
    """1.4.7: it is not taken for one that is missing, whether it is the flag's default or a rule's."""
    zero = KINDS[kind][1]
    found = asked(client, kind, f"{kind}-zero-flag")
    assert (found.value, type(found.value), found.reason) == (zero, type(zero), Reason.STATIC)
    found = asked(client, kind, f"{kind}-targeted-zero-flag", INSIDE)
    assert (found.value, type(found.value), found.reason) == (zero, type(zero), Reason.TARGETING_MATCH)


@pytest.mark.parametrize("who", [None, OUTSIDE, NULLS], ids=["none", "another", "nulls"])
@pytest.mark.parametrize("kind", KINDS)
def test_where_no_rule_holds_the_flags_default_counts(
    client: OpenFeatureClient, kind: str, who: EvaluationContext | None
) -> None:
    """1.3.1.1: no context, another one, and one whose values are null."""
    found = asked(client, kind, f"{kind}-targeted-zero-flag", who)
    assert (found.value, found.reason) == (KINDS[kind][2], Reason.DEFAULT)


def test_attributes_that_no_rule_asks_for_are_no_hindrance(client: OpenFeatureClient) -> None:
    more = EvaluationContext(attributes={**INSIDE.attributes, "role": "admin", "age": 65, "customer": False})
    found = asked(client, "string", "string-targeted-zero-flag", more)
    assert (found.value, found.reason) == ("", Reason.TARGETING_MATCH)


@pytest.mark.parametrize("kind", KINDS)
def test_a_flag_that_is_not_there(client: OpenFeatureClient, kind: str) -> None:
    """1.4.8, 1.4.9, 1.4.10, 1.4.13."""
    found = asked(client, kind, "missing-flag")
    assert (found.value, found.reason, found.error_code) == (KINDS[kind][3], Reason.ERROR, ErrorCode.FLAG_NOT_FOUND)
    assert "missing-flag" in (found.error_message or "")


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("boolean", "string-flag"),
        ("boolean", "integer-flag"),
        ("string", "boolean-flag"),
        ("string", "object-flag"),
        ("integer", "string-flag"),
        ("integer", "boolean-flag"),
        ("float", "boolean-flag"),
        ("object", "string-flag"),
    ],
)
def test_a_value_of_another_kind(client: OpenFeatureClient, kind: str, key: str) -> None:
    """1.3.4."""
    found = asked(client, kind, key)
    assert (found.value, found.reason, found.error_code) == (KINDS[kind][3], Reason.ERROR, ErrorCode.TYPE_MISMATCH)


@pytest.mark.parametrize("kind", KINDS)
def test_a_flag_that_is_off(client: OpenFeatureClient, kind: str) -> None:
    """1.4.7; what it is then is the variant that the flag names for it."""
    found = asked(client, kind, f"{kind}-disabled-flag")
    assert (found.value, found.reason, found.error_code) == (KINDS[kind][3], Reason.DISABLED, None)


class _Beginning(FlagProvider):
    """Ours, but what comes before it is ready is the test's."""

    def __init__(self, house: FlagHouse, begin: Callable[[], object]) -> None:
        super().__init__(house.snapshot, "", now)
        self._begin = begin

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        self._begin()


def _raises(error: Exception) -> Callable[[], object]:
    def begin() -> object:
        raise error

    return begin


@contextmanager
def beginning(house: FlagHouse, begin: Callable[[], object]) -> Iterator[OpenFeatureClient]:
    """A client of a provider that is initialised with this; with the process's own telling of changes put back."""
    told = house.snapshot.on_change, house.snapshot.on_stale
    domain = f"beginning-{id(begin)}"
    with suppress(ProviderFatalError, RuntimeError):
        api.set_provider_and_wait(_Beginning(house, begin), domain)
    yield api.get_client(domain)
    house.snapshot.on_change, house.snapshot.on_stale = told


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_is_broken_for_good_is_not_asked(house: FlagHouse, kind: str) -> None:
    """1.7.5, 1.7.7."""
    with beginning(house, _raises(ProviderFatalError("no"))) as client:
        assert client.get_provider_status() is ProviderStatus.FATAL
        found = asked(client, kind, f"{kind}-zero-flag")
    assert (found.value, found.reason, found.error_code) == (KINDS[kind][3], Reason.ERROR, ErrorCode.PROVIDER_FATAL)


def test_a_provider_that_is_not_ready_is_not_asked(house: FlagHouse) -> None:
    """1.7.3, 1.7.6."""
    begun, ready = threading.Event(), threading.Event()
    api.get_client("not-ready").add_handler(ProviderEvent.PROVIDER_READY, lambda _details: ready.set())
    with beginning(house, _raises(RuntimeError())):
        api.set_provider(_Beginning(house, begun.wait), "not-ready")
        client = api.get_client("not-ready")
        assert client.get_provider_status() is ProviderStatus.NOT_READY
        for kind, (*_, default) in KINDS.items():
            found = asked(client, kind, f"{kind}-zero-flag")
            assert (found.value, found.reason) == (default, Reason.ERROR)
            assert found.error_code is ErrorCode.PROVIDER_NOT_READY
        ready.clear()
        begun.set()
        assert ready.wait(10)
        assert asked(client, "boolean", "boolean-zero-flag").value is False


def test_a_provider_that_could_not_begin_says_so(house: FlagHouse) -> None:
    """1.7.4."""
    with beginning(house, _raises(RuntimeError("no"))) as client:
        assert client.get_provider_status() is ProviderStatus.ERROR


def test_while_the_flags_can_not_be_read_the_provider_is_stale(
    house: FlagHouse, client: OpenFeatureClient, path: Path
) -> None:
    """1.7.1: the last flags count, and whoever listens knows it."""
    told: SimpleQueue[str] = SimpleQueue()  # OpenFeature calls handlers on threads of its own
    client.add_handler(ProviderEvent.PROVIDER_STALE, lambda _details: told.put("stale"))
    client.add_handler(ProviderEvent.PROVIDER_READY, lambda _details: told.put("ready"))
    assert told.get(timeout=10) == "ready"  # a new handler hears what holds
    assert client.get_provider_status() is ProviderStatus.READY
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE flags RENAME TO away")
        for _ in range(2):
            with pytest.raises(Exception, match="no such table"):
                house.snapshot.look()
        assert client.get_provider_status() is ProviderStatus.STALE
        assert asked(client, "boolean", "boolean-flag").reason is Reason.STATIC
        database.execute("ALTER TABLE away RENAME TO flags")
    assert told.get(timeout=10) == "stale"
    house.snapshot.look()
    assert client.get_provider_status() is ProviderStatus.READY
    assert told.get(timeout=10) == "ready"
    assert told.empty()


class _Noting(Hook):
    def __init__(self, name: str, noted: list[tuple[Any, ...]]) -> None:
        self._name = name
        self._noted = noted

    def before(self, hook_context: HookContext, hints: Any) -> None:
        self._noted.append((self._name, "before"))

    def after(self, hook_context: HookContext, details: FlagEvaluationDetails[Any], hints: Any) -> None:
        self._noted.append((self._name, "after", details.value, details.variant, details.reason, details.error_code))

    def error(self, hook_context: HookContext, exception: Exception, hints: Any) -> None:
        self._noted.append((self._name, "error"))

    def finally_after(self, hook_context: HookContext, details: FlagEvaluationDetails[Any], hints: Any) -> None:
        self._noted.append((self._name, "finally", details.value, details.variant, details.reason, details.error_code))


def test_hooks_of_one_evaluation_are_run_in_order_with_its_details(client: OpenFeatureClient) -> None:
    """1.5.1, 4.3: before in the order given, the others the other way round."""
    noted: list[tuple[Any, ...]] = []
    options = FlagEvaluationOptions([_Noting("first", noted), _Noting("second", noted)])
    client.get_boolean_details("boolean-flag", False, flag_evaluation_options=options)
    seen = (True, "other", Reason.STATIC, None)
    assert noted == [
        ("first", "before"),
        ("second", "before"),
        ("second", "after", *seen),
        ("first", "after", *seen),
        ("second", "finally", *seen),
        ("first", "finally", *seen),
    ]


@pytest.mark.parametrize(
    ("key", "code"), [("missing-flag", ErrorCode.FLAG_NOT_FOUND), ("boolean-flag", ErrorCode.TYPE_MISMATCH)]
)
def test_hooks_hear_of_errors(client: OpenFeatureClient, key: str, code: ErrorCode) -> None:
    noted: list[tuple[Any, ...]] = []
    client.get_string_details(key, "uh-oh", flag_evaluation_options=FlagEvaluationOptions([_Noting("it", noted)]))
    assert noted == [("it", "before"), ("it", "error"), ("it", "finally", "uh-oh", None, Reason.ERROR, code)]


def test_what_is_said_of_the_context_nearer_to_the_evaluation_counts(client: OpenFeatureClient) -> None:
    """3.2.3: the API's context, then the client's, then the evaluation's own."""
    key = "string-targeted-zero-flag"
    try:
        api.set_evaluation_context(INSIDE)
        assert asked(client, "string", key).reason is Reason.TARGETING_MATCH
        client.context = OUTSIDE
        assert asked(client, "string", key).reason is Reason.DEFAULT
        assert asked(client, "string", key, INSIDE).reason is Reason.TARGETING_MATCH
    finally:
        api.set_evaluation_context(EvaluationContext())
        client.context = EvaluationContext()


def test_neither_the_context_nor_a_flag_is_changed_by_being_asked_for(client: OpenFeatureClient) -> None:
    """1.4.14.1."""
    attributes = {"email": "ada@inside.example", "roles": ["admin"]}
    who = EvaluationContext("ada", attributes)
    asked(client, "object", "object-targeted-zero-flag", who)
    assert (who.targeting_key, who.attributes) == ("ada", {"email": "ada@inside.example", "roles": ["admin"]})
    client.get_object_value("object-flag", {})["title"] = "changed"  # type: ignore[index]
    assert client.get_object_value("object-flag", {}) == PICTURES
