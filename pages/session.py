"""The one typed owner of everything a browser session remembers.

No other module names a session key. Nothing kept here is a secret, and nothing is lost with the session: the
conversation in view is in the URL, everything else is in the database.
"""

from __future__ import annotations

import streamlit as st

_CONVERSATION_PARAM = "c"
_WINDOW = "_window"
_MODEL = "_model"
_NOTICE = "_notice"
_ANSWER = "_answer"
_ADDRESS = "_address"
_SIDEBAR = "_sidebar"
_ALL_CONVERSATIONS = "_all_conversations"
_ASK_DELETE = "_ask_delete"


class Keys:
    """Widget keys; they are also the CSS hooks `st-key-...` of `gearbox.css`."""

    ADD_TABS = "add-tabs"
    ADVANCED = "advanced"
    ANSWERING = "answering"
    CHAT_HEADER = "chat-header"
    COMPOSER = "composer"
    CONVERSATIONS = "conversations"
    DEFAULT_MODEL = "default-model"
    GREETING = "greeting"
    HERE = "here"
    MENU = "menu"
    PICKER = "model-picker"
    PICKER_SEARCH = "model-search"
    PICKER_CATEGORY = "model-category"
    SERVER_KEY = "server-key"
    SERVER_NAME = "server-name"
    SERVER_URL = "server-url"
    STOP = "stop"
    TITLE = "title"


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

    def answer(self, *, added: bool, words: str) -> None:
        """Leave what came of adding a server for the next run."""
        st.session_state[_ANSWER] = (added, words)

    def take_answer(self) -> tuple[bool, str] | None:
        """What came of adding a server, once."""
        answer: tuple[bool, str] | None = st.session_state.pop(_ANSWER, None)
        return answer

    def take_server(self) -> tuple[str, str, str | None]:
        """Name, base URL and key as typed; the key leaves the session with this. Only from a callback."""
        key = str(st.session_state.get(Keys.SERVER_KEY, ""))
        st.session_state[Keys.SERVER_KEY] = ""
        typed = st.session_state
        return str(typed.get(Keys.SERVER_NAME, "")), str(typed.get(Keys.SERVER_URL, "")), key or None

    def clear_server(self) -> None:
        """Empty the fields of the server that was added; only from a callback."""
        st.session_state[Keys.SERVER_NAME] = ""
        st.session_state[Keys.SERVER_URL] = ""

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
