"""Who is let in, in each of the three modes, and who is not."""

from __future__ import annotations

from typing import Any

import pytest

from core.access.arrival import IDENTITY_COOKIE, SESSION_COOKIE, Arrival
from core.access.sign_in import LOCAL_OWNER_ID
from core.errors import RateLimited, SignedOut
from data.values.actor import Role, Surface
from tests.access.conftest import Build
from tests.access.house import ADMIN, HERE, THERE


def test_in_local_mode_the_owner_comes_in_unasked_with_every_role(build: Build) -> None:
    house = build()
    arrival = house.begin(user_agent="unused")
    actor = house.gate.sign_in.admit(arrival)
    assert (actor.user_id, actor.roles, actor.address) == (LOCAL_OWNER_ID, frozenset(Role), HERE)
    assert actor.session_id
    assert actor.session_id not in arrival.cookies.values(), "what the browser holds is not what the server keeps"
    assert house.gate.sign_in.actor(Surface.CLI).user_id == LOCAL_OWNER_ID, "the same person without a browser"
    assert ("local-owner", "session.sign_in", "done") in house.told()


def test_nobody_comes_in_with_nothing_or_with_something_made_up(build: Build) -> None:
    house = build()
    for cookies in ({}, {SESSION_COOKIE: ""}, {SESSION_COOKIE: "made up"}, {IDENTITY_COOKIE: "of another mode"}):
        with pytest.raises(SignedOut):
            house.gate.sign_in.admit(Arrival(cookies=cookies, address=HERE))


def test_no_end_of_sessions_begins_from_one_address(build: Build) -> None:
    house = build()
    for _ in range(60):
        house.begin()
    with pytest.raises(RateLimited):
        house.begin()
    house.begin("::1")


def test_oidc_claims_begin_the_session_of_their_cookie(build: Build) -> None:
    house = build(sign_in="oidc")
    sign_in = house.gate.sign_in
    arrival = house.with_claims("ann", email="ann@example.org", email_verified=True)
    before = Arrival(cookies=arrival.cookies, address=THERE)
    with pytest.raises(SignedOut):
        sign_in.admit(before)  # a route, before any page has seen the claims
    ann = sign_in.admit(arrival)
    assert ann.roles == {Role.MEMBER}
    assert sign_in.admit(before).user_id == ann.user_id
    assert "ann" not in ann.user_id, "ids are opaque"
    (person,) = house.gate.people.list(ADMIN)
    assert (person.display_name, person.email) == ("Ann", "ann@example.org")
    with pytest.raises(SignedOut):
        sign_in.actor()
    with pytest.raises(SignedOut):
        sign_in.begin(before)


def test_the_same_subject_is_the_same_person_and_another_issuers_is_not(build: Build) -> None:
    house = build(sign_in="oidc")
    first = house.gate.sign_in.admit(house.with_claims("ann"))
    again = house.gate.sign_in.admit(house.with_claims("ann", cookie="another browser", name="Ann Other"))
    other = house.gate.sign_in.admit(house.with_claims("ann", cookie="a third", iss="https://elsewhere.example"))
    assert first.user_id == again.user_id != other.user_id
    assert first.session_id != again.session_id
    assert house.gate.people.find(ADMIN, first.user_id).display_name == "Ann Other"


@pytest.mark.parametrize("claims", [{"sub": None}, {"iss": ""}, {"sub": 7}, {"iat": None}, {"iat": 0}], ids=str)
def test_claims_that_name_nobody_or_are_old_let_nobody_in(build: Build, claims: dict[str, Any]) -> None:
    house = build(sign_in="oidc")
    with pytest.raises(SignedOut):
        house.gate.sign_in.admit(house.with_claims("ann", **claims))
    assert house.gate.people.list(ADMIN) == []


def test_a_cookie_that_streamlit_cut_into_pieces_counts_as_a_whole(build: Build) -> None:
    house = build(sign_in="oidc")
    whole = house.with_claims("ann")
    pieces = {IDENTITY_COOKIE: "chunks-2", f"{IDENTITY_COOKIE}_1": "one", f"{IDENTITY_COOKIE}_2": "two"}
    ann = house.gate.sign_in.admit(Arrival(cookies=pieces, claims=whole.claims, address=THERE))
    assert house.gate.sign_in.admit(Arrival(cookies=dict(reversed(pieces.items())))).session_id == ann.session_id
    for changed in ({f"{IDENTITY_COOKIE}_2": "other"}, {f"{IDENTITY_COOKIE}_1": "other"}):
        with pytest.raises(SignedOut):
            house.gate.sign_in.admit(Arrival(cookies=pieces | changed))


def test_after_signing_out_the_same_cookie_and_claims_are_refused(build: Build) -> None:
    house = build(sign_in="oidc")
    arrival = house.with_claims("ann")
    house.gate.sessions.sign_out(house.gate.sign_in.admit(arrival))
    with pytest.raises(SignedOut, match="ended"):
        house.gate.sign_in.admit(arrival)
    house.clock.forward(days=60)
    house.gate.sign_in.admit(house.with_claims("bob"))  # purges what ended long ago
    with pytest.raises(SignedOut, match="expired"):
        house.gate.sign_in.admit(arrival)


PROXY = {"sign_in": "proxy", "proxy_addresses": "10.0.0.1"}


def test_a_proxy_names_the_person(build: Build) -> None:
    house = build(**PROXY)
    arrival = house.begin(x_forwarded_email="ann@example.org", x_forwarded_preferred_username="Ann")
    ann = house.gate.sign_in.admit(arrival)
    person = house.gate.people.find(ADMIN, "ANN@example.org")
    assert (person.id, person.display_name) == (ann.user_id, "Ann")
    with pytest.raises(SignedOut):
        house.begin()


def test_whom_the_proxy_names_now_counts_not_whom_the_cookie_is_of(build: Build) -> None:
    house = build(**PROXY)
    ann = house.begin(x_forwarded_email="ann@example.org")
    house.begin(x_forwarded_email="bob@example.org")
    for headers in ({"x-forwarded-email": "bob@example.org"}, {"x-forwarded-email": "new@example.org"}, {}):
        with pytest.raises(SignedOut):
            house.gate.sign_in.admit(Arrival(cookies=ann.cookies, headers=headers, address=HERE))


def test_a_session_of_another_mode_is_over(build: Build) -> None:
    arrival = build().begin()
    with pytest.raises(SignedOut, match="mode"):
        build(**PROXY).gate.sign_in.admit(arrival)


def test_a_token_counts_for_the_api_and_not_for_pages(build: Build) -> None:
    house = build()
    owner = house.gate.sign_in.admit(house.begin())
    token, plain = house.gate.tokens.create(owner, "ci")
    arrival = Arrival(headers={"authorization": f"bearer {plain}"}, address=THERE)
    actor = house.gate.sign_in.admit(arrival, Surface.API)
    assert (actor.user_id, actor.session_id, actor.scopes) == (owner.user_id, token.id, frozenset({"chat"}))
    assert (actor.surface, actor.address) == (Surface.API, THERE)
    with pytest.raises(SignedOut):
        house.gate.sign_in.admit(arrival, Surface.CHAT)


def test_who_is_deactivated_is_refused_and_that_is_told(build: Build) -> None:
    house = build(sign_in="oidc")
    ann = house.person("ann")
    house.gate.people.deactivate(ADMIN, ann.user_id)
    for arrival in (house.with_claims("ann"), house.with_claims("ann", cookie="another browser")):
        with pytest.raises(SignedOut):
            house.gate.sign_in.admit(arrival)
    assert house.told().count((ann.user_id, "access.refused", "refused")) == 1


def test_nothing_secret_shows_in_an_arrival_or_a_begun_session(build: Build) -> None:
    house = build()
    first = Arrival(cookies={"a": "canary-1"}, headers={"b": "canary-2"}, claims={"c": "canary-3"}, address=HERE)
    begun = house.gate.sign_in.begin(first)
    assert "canary" not in repr(first)
    assert begun.held not in repr(begun)
