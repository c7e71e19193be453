"""The one typed owner of everything a browser session remembers.

No other module names a session key; those of widgets are in `pages.widget_keys`. Nothing kept here is a secret, and
nothing is lost with the session: the conversation in view is in the URL, everything else is in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.widget_keys import Keys

if TYPE_CHECKING:
    from pages.outcome import Outcome

_CONVERSATION_PARAM = "c"
_COMPARISON_PARAM = "comparison"
_COMPARED_PARAM = "from"
_WINDOW = "_window"
_MODEL = "_model"
_NOTICE = "_notice"
_OUTCOME = "_outcome_"
_ADDRESS = "_address"
_COMPARISON_ADDRESS = "_comparison_address"
_SIDEBAR = "_sidebar"
_ALL_CONVERSATIONS = "_all_conversations"
_BEGINNING = "_beginning"
_WAITING = "_waiting"
_HELD = "_held"
_CHIP = "_chip"
_WHY_MODEL = "_why_model"
_ASK_DELETE = "_ask_delete"
_ASKS_WHY = "_asks_why"
_LOOKS_BEFORE = "_looks_before"


class Session:
    """Reads and writes the current browser session; create one wherever it is needed."""

    @property
    def conversation_id(self) -> str | None:
        """The conversation in view, from the URL, so that a reload or a shared link shows it again."""
        return st.query_params.get(_CONVERSATION_PARAM)

    @conversation_id.setter
    def conversation_id(self, value: str | None) -> None:
        if value is None:
            st.query_params.clear()
        else:
            st.query_params[_CONVERSATION_PARAM] = value
        st.session_state[_ADDRESS] = value

    def show_address(self) -> None:
        """Have the browser's address name the conversation in view.

        A link to the page in view takes the reader there, but leaves the address as it was (Streamlit 1.67).
        """
        if st.session_state.setdefault(_ADDRESS, self.conversation_id) != self.conversation_id:
            self.conversation_id = self.conversation_id

    def begins_with_sidebar(self, has_conversations: bool) -> bool:
        """Whether the sidebar is open when the session begins; it does not spring open later."""
        return bool(st.session_state.setdefault(_SIDEBAR, has_conversations))

    @staticmethod
    def conversation_link(conversation_id: str) -> dict[str, str]:
        """Query parameters of a link to a conversation."""
        return {_CONVERSATION_PARAM: conversation_id}

    @property
    def window(self) -> tuple[str | None, int, int]:
        """What the last full run drew: conversation, last `seq` drawn, and how many windows of older messages."""
        stored: tuple[str | None, int, int] = st.session_state.get(_WINDOW, (None, 0, 1))
        return stored

    @window.setter
    def window(self, value: tuple[str | None, int, int]) -> None:
        st.session_state[_WINDOW] = value

    @property
    def picked_model(self) -> str | None:
        """The model picked for the conversation in view; None leaves it to the default."""
        conversation_id, model_id = st.session_state.get(_MODEL, (None, None))
        return model_id if conversation_id == self.conversation_id else None

    @picked_model.setter
    def picked_model(self, model_id: str | None) -> None:
        st.session_state[_MODEL] = (self.conversation_id, model_id)

    @property
    def default_model_choice(self) -> str | None:
        """What the default model's box shows."""
        return st.session_state[Keys.DEFAULT_MODEL] or None

    @default_model_choice.setter
    def default_model_choice(self, model_id: str | None) -> None:
        st.session_state[Keys.DEFAULT_MODEL] = model_id or ""  # None would empty the box instead of choosing an entry

    @property
    def advanced_switch(self) -> bool:
        """Where the advanced switch stands."""
        return bool(st.session_state[Keys.ADVANCED])

    @advanced_switch.setter
    def advanced_switch(self, on: bool) -> None:
        st.session_state[Keys.ADVANCED] = on

    @property
    def all_conversations(self) -> bool:
        """Whether the sidebar lists every conversation."""
        return bool(st.session_state.get(_ALL_CONVERSATIONS, False))

    @all_conversations.setter
    def all_conversations(self, value: bool) -> None:
        st.session_state[_ALL_CONVERSATIONS] = value

    def say(self, text: str) -> None:
        """Leave a one-time notice for the next run."""
        st.session_state[_NOTICE] = text

    def take_notice(self) -> str | None:
        """The notice left by the last run, once."""
        notice: str | None = st.session_state.pop(_NOTICE, None)
        return notice

    @property
    def held(self) -> object:
        """What could not be sent in the conversation in view, see `pages.held`; None when there is nothing."""
        conversation_id, held = st.session_state.get(_HELD, (None, None))
        return held if conversation_id == self.conversation_id else None

    @held.setter
    def held(self, held: object) -> None:
        st.session_state[_HELD] = (self.conversation_id, held)

    @property
    def chip(self) -> object:
        """What `pages.choice_chip` shows in the conversation in view; None when there is nothing."""
        conversation_id, chip = st.session_state.get(_CHIP, (None, None))
        return chip if conversation_id == self.conversation_id else None

    @chip.setter
    def chip(self, chip: object) -> None:
        st.session_state[_CHIP] = (self.conversation_id, chip)

    def wait(self) -> None:
        """Note that the page waits for the person in the middle of an answer."""
        st.session_state[_WAITING] = True

    def take_waiting(self) -> bool:
        """Whether the page waited, once."""
        return bool(st.session_state.pop(_WAITING, False))

    def leave(self, place: str, outcome: Outcome) -> None:
        """Leave what came of something for the next time that place is drawn."""
        st.session_state[f"{_OUTCOME}{place}"] = outcome

    def take_outcome(self, place: str) -> Outcome | None:
        """What was left for a place, once."""
        outcome: Outcome | None = st.session_state.pop(f"{_OUTCOME}{place}", None)
        return outcome

    @property
    def comparison_id(self) -> str | None:
        """The comparison in view, from the URL."""
        return st.query_params.get(_COMPARISON_PARAM)

    @comparison_id.setter
    def comparison_id(self, value: str | None) -> None:
        st.query_params.clear()
        if value is not None:
            st.query_params[_COMPARISON_PARAM] = value
        st.session_state[_COMPARISON_ADDRESS] = value

    def show_comparison_address(self) -> None:
        """The same as `show_address` for the comparison in view; the form's own address is left as it is."""
        here = self.comparison_id
        if here is None:
            st.session_state[_COMPARISON_ADDRESS] = None
        elif st.session_state.setdefault(_COMPARISON_ADDRESS, here) != here:
            self.comparison_id = here

    @staticmethod
    def comparison_link(comparison_id: str) -> dict[str, str]:
        """Query parameters of a link to a comparison."""
        return {_COMPARISON_PARAM: comparison_id}

    @property
    def compared_conversation(self) -> str | None:
        """The conversation whose last prompt is to be compared, from the URL."""
        return st.query_params.get(_COMPARED_PARAM)

    @staticmethod
    def comparing_link(conversation_id: str) -> dict[str, str]:
        """Query parameters of a link that begins a comparison with the last prompt of a conversation."""
        return {_COMPARED_PARAM: conversation_id}

    @property
    def asks_why(self) -> str | None:
        """The answer that a thumb was just turned down at: only there it is asked why."""
        return st.session_state.get(_ASKS_WHY)

    @asks_why.setter
    def asks_why(self, message_id: str | None) -> None:
        st.session_state[_ASKS_WHY] = message_id

    def look_before(self, message_id: str) -> None:
        """Have the next run show what was kept aside where an answer stands; only from a callback."""
        st.session_state[_LOOKS_BEFORE] = message_id

    def take_look_before(self, message_id: str) -> bool:
        """Whether this run should show that of this answer, once."""
        if st.session_state.get(_LOOKS_BEFORE) != message_id:
            return False
        del st.session_state[_LOOKS_BEFORE]
        return True

    def ask_why_model(self, message_id: str) -> None:
        """Have the next run explain the model of an answer; only from a callback."""
        st.session_state[_WHY_MODEL] = message_id

    def take_why_model(self, message_id: str) -> bool:
        """Whether this run should explain that of this answer, once."""
        if st.session_state.get(_WHY_MODEL) != message_id:
            return False
        del st.session_state[_WHY_MODEL]
        return True

    def begin_with(self, text: str, note: str) -> None:
        """Leave words for the chat's field, which somebody else wrote, and what to say beside them."""
        st.session_state[_BEGINNING] = (text, note)

    @property
    def beginning(self) -> str:
        """What was left for the chat's field; it stays there."""
        left: tuple[str, str] = st.session_state.get(_BEGINNING, ("", ""))
        return left[0]

    def take_beginning(self) -> str | None:
        """Put what was left into the chat's field, once, and return its note; only before the field is drawn."""
        left: tuple[str, str] | None = st.session_state.pop(_BEGINNING, None)
        if left is None:
            return None
        st.session_state[Keys.COMPOSER], note = left
        return note

    def typed(self, key: str) -> str:
        """What stands in a field, or is chosen there."""
        return str(st.session_state.get(key) or "")

    def chosen(self, key: str) -> object:
        """What a field, box or list holds; None where it holds nothing or is not drawn."""
        return st.session_state.get(key)

    def choose(self, key: str, value: object) -> None:
        """Set what a box holds; only from a callback, or before it is drawn."""
        st.session_state[key] = value

    def take(self, key: str) -> str:
        """What was typed into a secret's field; it leaves the field and the session with this. Only from a callback."""
        # What the browser sent stays beside a new value until the next run (Streamlit 1.67): taken out first.
        secret = str(st.session_state.pop(key, None) or "")
        st.session_state[key] = ""
        return secret

    def clear(self, *keys: str) -> None:
        """Empty text fields; only from a callback."""
        for key in keys:
            st.session_state[key] = ""

    def empty(self, *keys: str) -> None:
        """Empty date fields; only from a callback."""
        for key in keys:
            st.session_state[key] = None

    @property
    def typed_title(self) -> str:
        """What was typed as the conversation's new title."""
        return str(st.session_state.get(Keys.TITLE, ""))

    def close_menu(self) -> None:
        """Close the conversation's menu; only from a callback."""
        st.session_state[Keys.MENU] = False

    def ask_to_delete(self) -> None:
        """Close the menu and have the next run ask whether to delete the conversation; only from a callback."""
        self.close_menu()
        st.session_state[_ASK_DELETE] = True

    def take_delete_question(self) -> bool:
        """Whether this run should ask, once."""
        return bool(st.session_state.pop(_ASK_DELETE, False))

    def close_picker(self) -> None:
        """Close the model picker and forget its search; only from a callback, before the widgets are drawn."""
        st.session_state[Keys.PICKER] = False
        st.session_state[Keys.PICKER_SEARCH] = ""
