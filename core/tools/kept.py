"""Pictures, sounds and films of a result: looked at, since a provider's bytes are a stranger's, too, and kept."""

from __future__ import annotations

from core.chat.pictures import kind_of, read_picture
from core.chat.sounds import read_sound
from core.errors import GearboxError
from core.tools.tool import Keep, ToolContext
from data.values.parts import AudioPart, ImagePart, VideoPart

_ENDINGS = {"image/jpeg": "jpg", "audio/mpeg": "mp3", "audio/mp4": "m4a"}


def keep_of(context: ToolContext) -> Keep:
    """What keeps; ask for it before anything is paid for. Raises GearboxError where nothing can be kept."""
    if context.keep is None:
        raise GearboxError("Nothing that is no text can be kept here, so this tool can't be used.")
    return context.keep


def kept_picture(data: bytes, keep: Keep, caption: str = "") -> ImagePart:
    """A picture as it is kept: drawn anew like an attached one, under a name of its own. Blocks.

    Raises:
        GearboxError: it is none, is broken, or can't be kept.
    """
    kind = kind_of(data)
    if kind is None:
        raise GearboxError("It is no picture that can be taken.")
    part, stored = read_picture("picture", data, kind)
    blob = keep(stored.content, stored.blob.media_type)
    # By its content: no other picture of the conversation has the name, so a model can say which it means.
    name = f"picture-{blob.digest[:6]}.{_ending(blob.media_type)}"
    return ImagePart(blob, name, part.width, part.height, " ".join(caption.split())[:500])


def kept_sound(data: bytes, keep: Keep, transcript: str = "") -> AudioPart:
    """A sound as it is kept, under a name of its own. Blocks. Raises GearboxError as `kept_picture` does."""
    part, stored = read_sound("sound", data)
    blob = keep(stored.content, stored.blob.media_type)
    return AudioPart(blob, f"sound-{blob.digest[:6]}.{_ending(blob.media_type)}", part.seconds, transcript)


def kept_film(data: bytes, media_type: str, keep: Keep, caption: str = "") -> VideoPart:
    """A film as it is kept, under a name of its own. Blocks. Raises GearboxError as `kept_picture` does."""
    blob = keep(data, media_type)
    name = f"film-{blob.digest[:6]}.{_ending(blob.media_type)}"
    return VideoPart(blob, name, None, " ".join(caption.split())[:500])


def _ending(media_type: str) -> str:
    return _ENDINGS.get(media_type, media_type.rpartition("/")[2])
