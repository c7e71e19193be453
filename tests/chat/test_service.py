"""What the chat page asks for: who may see what, what is refused, and what a model is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.chat.said import PROMPT_CHARS
from core.chat.service import WINDOW
from core.errors import AccessRefused, GearboxError, NotFound
from data.values.actor import Actor
from data.values.calls import ChosenBy, ErrorKind
from data.values.messages import MessageStatus
from data.values.parts import ErrorPart, NoticePart
from tests.chat.house import ChatHouse, ended, now, wait_for_words, words
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE, BOB

KEY = "sk-test-1fJ8dkq02LmPz77sWcQe"

NOBODY = Actor("nobody", frozenset())


@pytest.mark.parametrize(
    "prompt", ["", "   ", "\n\t\n", "x" * (PROMPT_CHARS + 1)], ids=["empty", "blank", "ws", "long"]
)
def test_an_unusable_prompt_is_refused_and_nothing_stored(house: ChatHouse, prompt: str) -> None:
    with pytest.raises(GearboxError) as refusal:
        house.send(prompt)
    assert refusal.value.remedy
    assert house.chat.conversations(ALICE) == []
    assert house.calls() == []


def test_the_longest_prompt_is_answered(house: ChatHouse) -> None:
    prompt = "[[pace:instant]][[say:ok]]" + "x" * (PROMPT_CHARS - 26)
    assert len(prompt) == PROMPT_CHARS
    assert words(house.messages(house.ask(prompt))[1]) == "ok"


def test_without_a_usable_model_nothing_is_stored(house: ChatHouse) -> None:
    with pytest.raises(GearboxError, match="No model"):
        house.chat.send(ALICE, None, "hello", None)
    assert house.chat.conversations(ALICE) == []


def test_a_model_that_has_gone_since_the_page_was_drawn_is_refused(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    endpoint = house.keys.add_server(ALICE, "Team", sandbox.base_url, None)
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked="team/scripted", history=[])
    assert choice is not None
    house.keys.disconnect(ALICE, endpoint.id)
    with pytest.raises(NotFound):
        house.chat.send(ALICE, None, "hello", choice)
    assert house.calls() == []


def test_another_person_s_conversation_looks_like_a_missing_one(house: ChatHouse) -> None:
    turn = house.ask("[[pace:instant]] private")
    theirs, missing = turn.begun.conversation_id, "0" * 32
    attempts: dict[str, Callable[[str], object]] = {
        "conversation": lambda c: house.chat.conversation(BOB, c),
        "window": lambda c: house.chat.window(BOB, c),
        "rename": lambda c: house.chat.rename(BOB, c, "mine now"),
        "delete": lambda c: house.chat.delete(BOB, c),
        "send": lambda c: house.send("hello", c, BOB),
        "retry": lambda c: house.chat.retry(BOB, c, house.choice(BOB)),
    }
    told: dict[str, set[tuple[type, str]]] = {}
    for conversation_id in (theirs, missing):
        for name, attempt in attempts.items():
            with pytest.raises(NotFound) as refusal:
                attempt(conversation_id)
            told.setdefault(name, set()).add((refusal.type, refusal.value.explain()))
    assert {name: len(answers) for name, answers in told.items()} == dict.fromkeys(told, 1)
    assert house.chat.conversations(BOB) == []
    assert house.chat.conversation(ALICE, theirs).title.endswith("private")
    assert len(house.messages(turn)) == 2


def test_another_person_s_running_answer_can_t_be_watched_or_stopped(house: ChatHouse) -> None:
    turn = house.send("[[words:100]] go")
    wait_for_words(turn, 3)
    assert house.chat.live(BOB, turn.begun.conversation_id) is None
    with pytest.raises(NotFound):
        house.chat.delete(BOB, turn.begun.conversation_id)
    assert not turn.ended
    turn.stop()
    ended(turn)


def test_who_has_no_role_may_do_nothing(house: ChatHouse) -> None:
    conversation_id = house.ask("[[pace:instant]] hi").begun.conversation_id
    for attempt in (
        lambda: house.chat.conversations(NOBODY),
        lambda: house.chat.conversation(NOBODY, conversation_id),
        lambda: house.chat.window(NOBODY, conversation_id),
        lambda: house.chat.rename(NOBODY, conversation_id, "x"),
        lambda: house.chat.delete(NOBODY, conversation_id),
        lambda: house.chat.live(NOBODY, conversation_id),
        lambda: house.chat.send(NOBODY, None, "hi", house.choice()),
        lambda: house.chat.retry(NOBODY, conversation_id, house.choice()),
    ):
        with pytest.raises(AccessRefused):
            attempt()


def test_the_next_prompt_takes_the_conversation_along(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    turn = house.ask("[[pace:instant]][[say:two]] one")
    house.ask("[[pace:instant]] three", turn.begun.conversation_id)
    assert sandbox.messages == [
        ("user", "[[pace:instant]][[say:two]] one"),
        ("assistant", "two"),
        ("user", "[[pace:instant]] three"),
    ]


def test_a_long_conversation_is_cut_and_says_so(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    long = "[[pace:instant]][[say:yes]]" + "x" * 30_000
    first = house.ask(long)
    assert not any(isinstance(part, NoticePart) for part in house.messages(first)[1].parts)
    second = house.ask(long, first.begun.conversation_id)
    assert [role for role, _ in sandbox.messages] == ["user"]
    assert isinstance(house.messages(second)[3].parts[0], NoticePart)


def test_a_conversation_of_many_short_messages_goes_whole(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    turn = house.ask("[[pace:instant]][[say:0]] go")
    for number in range(1, 60):
        house.ask(f"[[pace:instant]][[say:{number}]] go", turn.begun.conversation_id)
    assert len(sandbox.messages) == 119, "more than one page of history is read"
    assert [content for role, content in sandbox.messages if role == "assistant"] == [str(n) for n in range(59)]


def test_retry_replaces_the_answer_and_keeps_the_old_one_aside(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    first = house.send("[[words:100]] go")
    wait_for_words(first, 5)
    first.stop()
    ended(first)
    again = house.chat.retry(ALICE, first.begun.conversation_id, house.choice())
    ended(again)
    asked, answered = house.messages(again)
    assert asked.id == first.begun.user_message.id
    assert (answered.id, answered.status) == (again.begun.reply.id, MessageStatus.COMPLETE)
    assert house.rows("SELECT superseded_by FROM messages WHERE id = ?", first.begun.reply.id) == [(answered.id,)]
    assert house.calls() == ["stopped", "ok"]
    assert sandbox.messages == [("user", "[[words:100]] go")], "the prompt goes once, without the old answer"


def test_retry_answers_the_last_prompt_in_the_light_of_those_before(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    turn = house.ask("[[pace:instant]][[say:two]] one")
    house.ask("[[pace:instant]][[say:four]] three", turn.begun.conversation_id)
    ended(house.chat.retry(ALICE, turn.begun.conversation_id, house.choice()))
    assert [content for _, content in sandbox.messages] == [
        "[[pace:instant]][[say:two]] one",
        "two",
        "[[pace:instant]][[say:four]] three",
    ]


def test_a_retry_can_be_retried(house: ChatHouse) -> None:
    turn = house.ask("[[pace:instant]] go")
    for _ in range(3):
        ended(house.chat.retry(ALICE, turn.begun.conversation_id, house.choice()))
    assert len(house.messages(turn)) == 2
    assert house.rows("SELECT count(*) FROM messages") == [(5,)]
    assert house.calls() == ["ok"] * 4


def test_system_prompt_and_parameters_go_only_while_advanced_is_on(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    house.preferences.save(ALICE, system_prompt="Be brief.", temperature=0.5, max_tokens=7)
    house.ask("[[pace:instant]] go")
    assert [role for role, _ in sandbox.messages] == ["user"]
    assert not {"temperature", "max_tokens"} & sandbox.calls[-1].keys()
    house.preferences.save(ALICE, advanced=True)
    turn = house.ask("[[pace:instant]] go")
    assert sandbox.messages[0] == ("system", "Be brief.")
    assert (sandbox.calls[-1]["temperature"], sandbox.calls[-1]["max_tokens"]) == (0.5, 7)
    assert len(words(house.messages(turn)[1]).split()) == 7


def test_the_key_goes_to_its_server_and_stays_out_of_the_database(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    house.keys.add_server(ALICE, "Team", sandbox.base_url, KEY)
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked="team/scripted", history=[])
    ended(house.chat.send(ALICE, None, "[[pace:instant]] go", choice))
    assert sandbox.keys == [f"Bearer {KEY}"]
    assert house.rows("SELECT key_owner FROM calls") == [("user",)]
    kept = b"".join(path.read_bytes() for path in house.path.parent.rglob("*") if path.is_file())
    assert KEY.encode() not in kept


def test_an_answer_says_that_the_key_has_expired_and_what_the_provider_says_of_one_that_has_not(
    house: ChatHouse, sandbox: RecordedSandbox
) -> None:
    until = now() + timedelta(seconds=4)
    house.keys.add_server(ALICE, "Team", sandbox.base_url, KEY, expires_at=until)
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked="team/scripted", history=[])
    turn = house.chat.send(ALICE, None, "[[fault:401]]", choice)
    ended(turn)
    (refused,) = house.messages(turn)[1].parts
    time.sleep(max(0.0, (until - now()).total_seconds()))
    ended(house.chat.retry(ALICE, turn.begun.conversation_id, choice))
    (expired,) = house.messages(turn)[1].parts
    assert isinstance(refused, ErrorPart) and isinstance(expired, ErrorPart)
    assert (refused.kind, expired.kind) == (ErrorKind.AUTH, ErrorKind.KEY_EXPIRED)
    assert expired.message.startswith("Team: This key expired on") and expired.remedy
    assert house.rows("SELECT error_kind FROM calls ORDER BY started_at") == [("auth",), ("key_expired",)]
    assert len(sandbox.keys) == 1, "an expired key is never sent"


def test_a_conversation_is_named_after_its_first_prompt_only(house: ChatHouse) -> None:
    turn = house.ask("[[pace:instant]] Plan the offsite")
    house.ask("[[pace:instant]] and the budget", turn.begun.conversation_id)
    assert house.chat.conversation(ALICE, turn.begun.conversation_id).title.endswith("Plan the offsite")


def test_a_new_title_is_one_line_and_not_empty(house: ChatHouse) -> None:
    conversation_id = house.ask("[[pace:instant]] go").begun.conversation_id
    house.chat.rename(ALICE, conversation_id, "  Quarterly \n  plans  " + "x" * 200)
    title = house.chat.conversation(ALICE, conversation_id).title
    assert title.startswith("Quarterly plans x") and len(title) == 120
    with pytest.raises(GearboxError):
        house.chat.rename(ALICE, conversation_id, " \n ")
    assert house.chat.conversation(ALICE, conversation_id).title == title


def test_a_window_is_the_end_of_the_conversation_and_can_be_moved(house: ChatHouse) -> None:
    turn = house.ask("[[pace:instant]][[say:a]] 1")
    for number in range(2, 18):
        house.ask(f"[[pace:instant]][[say:a]] {number}", turn.begun.conversation_id)
    conversation_id = turn.begun.conversation_id
    window = house.chat.window(ALICE, conversation_id)
    assert [message.seq for message in window] == list(range(35 - WINDOW, 35))
    assert [m.seq for m in house.chat.window(ALICE, conversation_id, before_seq=5)] == [1, 2, 3, 4]
    assert [m.seq for m in house.chat.window(ALICE, conversation_id, after_seq=32)] == [33, 34]


def test_the_model_that_answered_last_answers_next(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    turn = house.ask("[[pace:instant]] go")
    house.keys.add_server(ALICE, "Team", sandbox.base_url, None)
    house.preferences.save(ALICE, default_model="team/scripted")
    preferences = house.preferences.load(ALICE)
    here = house.chat.choice(ALICE, preferences, picked=None, history=house.messages(turn))
    fresh = house.chat.choice(ALICE, preferences, picked=None, history=[])
    assert here is not None and fresh is not None
    assert (here.model.id, here.chosen_by) == ("sandbox/scripted", ChosenBy.DEFAULT)
    assert (fresh.model.id, fresh.chosen_by) == ("team/scripted", ChosenBy.PERSON)
