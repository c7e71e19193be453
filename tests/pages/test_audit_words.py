"""Every action, outcome and surface has words; what a newer release or a changed row says is shown as it is."""

from __future__ import annotations

from data.values.actor import Surface
from data.values.audit import SYSTEM_ACTOR, Action, AuditOutcome
from pages.audit.words import SURFACES, about, ended, what, who


def test_every_term_has_words() -> None:
    assert [action for action in Action if what(action) == action] == []
    assert [outcome for outcome in AuditOutcome if ended(outcome) == outcome] == []
    assert set(SURFACES) == set(Surface)
    assert len({what(action) for action in Action}) == len(Action)


def test_unknown_terms_are_shown_as_they_are() -> None:
    assert (what("quantum.leap"), ended("odd")) == ("quantum.leap", "odd")


def test_people_have_names_until_they_are_forgotten() -> None:
    names = {"p1": "Ann Hall"}
    assert [who(actor, names) for actor in ("p1", "p2", SYSTEM_ACTOR)] == ["Ann Hall", "p2", "Gearbox"]
    assert about("person:p1", names) == "person Ann Hall"
    assert about("secret:0123456789abcdef", names) == "key 01234567"
    assert about("flag:image-generation", names) == "flag image-generation", "a name is not cut"
    assert (about("", names), about("odd", names)) == ("", "odd")
