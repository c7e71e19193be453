"""Tool calls, sign-ins and calls that teams pay for, as the app books them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from data.store import Store
from data.values.actor import Actor, Surface
from data.values.calls import KeyOwner
from data.values.people import Session
from data.values.tool_calls import BUILTIN, Effect, EndedToolCall, ToolState
from tests.warehouse.books import NOW, Booked, book, some


def call(person: str, secret: str | None = None) -> Booked:
    """A call of this person, paid with the team's key or with one of theirs."""
    (made,) = some(1, user_id=person)
    intent = replace(made.intent, actor=Actor(person, frozenset(), Surface.CHAT))
    if secret is not None:
        intent = replace(intent, secret_id=secret, key_owner=KeyOwner.TEAM)
    return replace(made, intent=intent)


def used(person: str, number: int = 1, state: ToolState = ToolState.DONE) -> EndedToolCall:
    return EndedToolCall(
        id=f"use-{person}-{number}",
        actor=Actor(person, frozenset(), Surface.CHAT),
        conversation_id="conversation",
        turn_id=f"turn-{number}",
        tool="web_search",
        origin=BUILTIN,
        effect=Effect.GOES_OUT,
        state=state,
        started_at=NOW - timedelta(minutes=number),
        seconds=None if state is ToolState.DENIED else 0.125 * number,
    )


def session(person: str, number: int = 1, mode: str = "oidc") -> Session:
    at = NOW - timedelta(hours=number)
    return Session(f"hash-{person}-{number}", person, mode, at, at, at + timedelta(days=9))


def do_everything(store: Store) -> None:
    """Some of everything that the books of activity keep."""
    book(store, [call("ann"), call("ann", "secret"), call("bob"), call("cy"), call("cy", "secret")])
    for person in ("ann", "cy"):
        for number, state in enumerate((ToolState.DONE, ToolState.FAILED, ToolState.DENIED), start=1):
            store.activity.tool_ended(used(person, number, state)).result(30)
        store.sessions.begin(session(person))
