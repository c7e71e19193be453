"""What was said in a conversation before the answer that is about to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.chat.bridge import weight
from core.errors import NotFound
from core.tools.consent import others_words
from data.values.messages import Author, Utterance
from data.values.parts import Part

if TYPE_CHECKING:
    from data.store import Store

_PAGE = 100
_UNREAD = "older"


def newest(
    store: Store, user_id: str, conversation_id: str, room: int, *, before_seq: int | None = None
) -> tuple[list[Utterance], bool]:
    """The newest stored messages that can fill `room` characters, and whether there are no older ones.

    Args:
        before_seq: only messages before this one.

    Raises:
        NotFound: the conversation does not exist or is not this person's.
    """
    pages: list[list[Utterance]] = []
    before = before_seq
    while True:
        page = store.conversations.transcript(user_id, conversation_id, limit=_PAGE, before_seq=before)
        pages.append(page)
        room -= sum(weight(message.parts) for message in page)
        exhausted = len(page) < _PAGE
        if exhausted or room < 0:
            return [message for each in reversed(pages) for message in each], exhausted
        before = page[0].seq


def before_last_prompt(history: Sequence[Utterance]) -> tuple[list[Utterance], tuple[Part, ...]]:
    """What was said before the last prompt, and that prompt. Raises NotFound when there is none."""
    asked = [index for index, message in enumerate(history) if message.author is Author.USER]
    if not asked:
        raise NotFound("There is no prompt to answer again.")
    return list(history[: asked[-1]]), history[asked[-1]].parts


def others_words_in(history: Sequence[Utterance], asked: tuple[Part, ...], *, is_whole: bool) -> frozenset[str]:
    """What others wrote of what is said before the answer, by ids; messages that were not even read count as theirs."""
    found = others_words(part for parts in (*(message.parts for message in history), asked) for part in parts)
    return found if is_whole else found | {_UNREAD}
