"""Questions of running tools to the person of the answer, shown in its step."""

from __future__ import annotations

import asyncio
import uuid

from core.chat.answer_turn import AnswerTurn
from data.values.events import ToolAnswered, ToolAsks
from data.values.questions import Question, Reply, Said


async def ask_person(turn: AnswerTurn, call_id: str, question: Question) -> Said:
    """Show a question to whoever looks at the answer, and wait; CANCEL when the time is up. See `ToolContext.ask`."""
    key = uuid.uuid4().hex
    with turn.questions.asking(key) as said:
        turn.append(ToolAsks(call_id, key, question))
        try:
            async with asyncio.timeout(question.seconds):
                answer = await said
        except TimeoutError:
            return Said(Reply.CANCEL)
        finally:
            turn.append(ToolAnswered(call_id, key))
    return answer if isinstance(answer, Said) else Said(Reply.CANCEL)
