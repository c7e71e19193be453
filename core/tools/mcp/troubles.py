"""What goes wrong between a server and us, in words."""

from __future__ import annotations

from core.errors import GearboxError

_TERMINATED = "Session terminated"


class ServerGone(GearboxError):
    """The session with a server has ended.

    Args:
        was_asked: the server may have begun with what it was asked, so it must not be asked again unasked.
    """

    def __init__(self, message: str, remedy: str = "", *, was_asked: bool) -> None:
        super().__init__(message, remedy)
        self.was_asked = was_asked


def trouble(error: BaseException, label: str) -> GearboxError:
    """An error of the `mcp` package's, or of what it stands on, as one of ours."""
    import httpx2
    from mcp.shared.exceptions import MCPError
    from pydantic import ValidationError

    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case GearboxError():
            told = error
        case MCPError():
            told = _refusal(error.error.code, error.error.message, label)
        case FileNotFoundError():
            told = GearboxError(f"{label}: there is no such program.", "Install it, or write its whole path.")
        case PermissionError():
            told = GearboxError(f"{label}: the program may not be run.", "Make its file executable.")
        case httpx2.HTTPError() | OSError():
            words = f"{label} can't be reached: {str(error)[:300] or type(error).__name__}."
            told = ServerGone(words, was_asked=not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout))
        case ValidationError():
            told = GearboxError(f"{label} answered with what the protocol does not allow.")
        case _:
            told = GearboxError(f"{label}: {str(error)[:500] or type(error).__name__}")
    return told


def _refusal(code: int, message: str, label: str) -> GearboxError:
    from mcp.types import CONNECTION_CLOSED

    if code == CONNECTION_CLOSED:
        return ServerGone(f"{label} ended the connection.", was_asked=True)
    if message == _TERMINATED:  # HTTP's 404 for a session it no longer knows: it did nothing with what was asked
        return ServerGone(f"{label} has forgotten the session.", was_asked=False)
    return GearboxError(f"{label}: {message[:500]}")


def is_refusal(error: Exception) -> bool:
    """Whether a server answered that it does not do this; the session goes on."""
    from mcp.shared.exceptions import MCPError
    from mcp.types import CONNECTION_CLOSED

    return isinstance(error, MCPError) and error.error.code != CONNECTION_CLOSED and error.error.message != _TERMINATED
