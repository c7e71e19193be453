"""What is said in answers that did not come to their end."""

from __future__ import annotations

from data.values.calls import ErrorKind
from data.values.messages import MessageStatus
from data.values.parts import ErrorPart

NOT_DONE = {
    MessageStatus.STOPPED: "Stopped before it was done.",
    MessageStatus.INTERRUPTED: "Gearbox was ended before it was done.",
}
"""Of calls and parts that were open when the answer ended."""

UNSAVED = ErrorPart(
    ErrorKind.INTERNAL,
    "This answer could not be saved.",
    "The database did not take it. Copy what you need, then run `python -m core doctor`.",
)
"""The end of an answer whose end could not be stored."""
