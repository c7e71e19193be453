"""Which page session is whose, and which files its pages show: what decides who may open a file by its address.

The server of the pages names files by a hash of what they hold, and serves them to whoever knows the name.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict

from core.errors import AccessRefused

_MOST = 10_000
"""Page sessions that are remembered; of more, those that ran longest ago are forgotten, and open nothing any more."""


class Holdings:
    """Remembers page sessions and files. Thread-safe."""

    def __init__(self, most: int = _MOST) -> None:
        self._lock = threading.Lock()
        self._most = most
        self._person_of: OrderedDict[str, str] = OrderedDict()
        self._session_of: dict[str, str] = {}
        self._shown_by: defaultdict[str, set[str]] = defaultdict(set)

    def bind(self, page_session: str, user_id: str, session_id: str = "") -> None:
        """Say whose a page session is; on every run.

        Args:
            user_id: empty for the sign-in page, whose few files anybody may open.
            session_id: of the sign-in that it runs under.

        Raises:
            AccessRefused: it is another person's.
        """
        with self._lock:
            known = self._person_of.get(page_session) or user_id
            if user_id not in {"", known}:
                raise AccessRefused("This page was opened by somebody else.", "Load the page again.")
            self._person_of[page_session] = known
            self._session_of[page_session] = session_id
            self._person_of.move_to_end(page_session)
            while len(self._person_of) > self._most:
                self._session_of.pop(self._person_of.popitem(last=False)[0], None)

    def hold(self, file_id: str, page_session: str) -> None:
        """A page of this session shows or offers a file."""
        with self._lock:
            self._shown_by[file_id].add(page_session)

    def drop(self, file_id: str) -> None:
        """The file is gone."""
        with self._lock:
            self._shown_by.pop(file_id, None)

    def pages_of(self, session_id: str) -> list[str]:
        """The page sessions that ran under a sign-in."""
        with self._lock:
            return [page for page, session in self._session_of.items() if session == session_id]

    def is_of(self, page_session: str, user_id: str) -> bool:
        """Whether the page session is this person's."""
        with self._lock:
            return user_id != "" and self._person_of.get(page_session) == user_id

    def may_open(self, file_id: str, user_id: str) -> bool:
        """Whether a page of this person's, or the sign-in page, shows the file; `user_id` is empty for nobody."""
        with self._lock:
            return any(self._person_of.get(session) in {"", user_id} for session in self._shown_by.get(file_id, ()))
