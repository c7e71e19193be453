"""What an operation used, as OpenAI's answers tell it; `estimated` where the provider did not say."""

from __future__ import annotations

from core.api.v1.shapes import PictureUsage, SoundUsage
from data.values.calls import Unit
from data.values.results import OperationUsage


def of_pictures(usage: OperationUsage, *, pictures_read: bool) -> dict[str, PictureUsage]:
    """For an answer with pictures: the provider's tokens, where it counts them; OpenAI's clients know nothing else.

    Args:
        usage: what was used.
        pictures_read: whether there were any in the request. How many tokens are theirs the provider has to say.
    """
    tokens = usage.tokens
    if tokens is None or tokens.estimated:
        return {}
    told: PictureUsage = {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
    }
    if usage.image_input or not pictures_read:
        of_text = tokens.input - usage.image_input
        told["input_tokens_details"] = {"image_tokens": usage.image_input, "text_tokens": of_text}
    return {"usage": told}


def of_sound(usage: OperationUsage) -> dict[str, SoundUsage]:
    """For a transcript: tokens where the provider counts them, else how long the sound is."""
    tokens, told = usage.tokens, SoundUsage(type="duration")
    if tokens is not None and not tokens.estimated:
        told = {
            "type": "tokens",
            "input_tokens": tokens.input,
            "output_tokens": tokens.output,
            "total_tokens": tokens.input + tokens.output,
        }
        if usage.audio_input:
            of_text = tokens.input - usage.audio_input
            told["input_token_details"] = {"audio_tokens": usage.audio_input, "text_tokens": of_text}
        return {"usage": told}
    if usage.unit is not Unit.SECOND or usage.quantity is None:
        return {}
    told["seconds"] = float(usage.quantity)
    if usage.estimated:
        told["estimated"] = True
    return {"usage": told}
