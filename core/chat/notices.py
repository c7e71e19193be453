"""What a person is told when a model did not answer: while it happens, and in the answer that stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.chat.bridge import Losses
from core.chat.selection import PassedOver
from core.providers.features import Feature
from data.values.events import AnotherTry
from data.values.media import Described
from data.values.parts import AudioPart, ImagePart, NoticePart
from data.values.plans import Output

_DESCRIBED_CHARS = 300

_FEATURES = {
    Feature.VISION: "pictures",
    Feature.AUDIO_INPUT: "sounds",
    Feature.REASONING_EFFORT: "a wish how much to think",
    Feature.STRUCTURED_OUTPUT: "a form for its answer",
    Feature.TEMPERATURE: "a temperature",
    Feature.TOP_P: "a top-p",
}


def now_happening(tried: AnotherTry) -> str:
    """The line above a running answer."""
    failed, asked = f"{tried.failed_provider}/{tried.failed_model}", f"{tried.provider}/{tried.model}"
    why = _sentence(tried.why)
    if tried.anew:
        return f"The answer broke off. {why} {asked} begins anew, and takes its place once it has caught up."
    if tried.is_fallback:
        return f"{failed} did not answer. {why} Asking {asked}."
    soon = f"in {tried.wait:.0f} seconds" if tried.wait >= 1.5 else "in a moment"
    return f"{failed} did not answer. {why} Trying again {soon}."


def kept(tries: Sequence[AnotherTry], answered_by: str | None, *, anew: bool) -> tuple[NoticePart, ...]:
    """What stays in the answer: that another model answered, that the answer was begun anew, and why.

    Args:
        tries: everything that went wrong, in order.
        answered_by: the model whose text the answer is, as `provider/model`; None while there is no text.
        anew: whether it took the place of one that was cut.
    """
    said = []
    if answered_by is None:
        for left in (tried for tried in tries if tried.is_fallback):
            said.append(NoticePart(f"{left.failed_provider}/{left.failed_model} did not answer. {_sentence(left.why)}"))
        return tuple(said)
    if tries and f"{tries[0].failed_provider}/{tries[0].failed_model}" != answered_by:
        left = next(tried for tried in tries if tried.is_fallback)
        failed = f"{tries[0].failed_provider}/{tries[0].failed_model}"
        said.append(NoticePart(f"{answered_by} answered, because {failed} did not. {_sentence(left.why)}"))
    if anew:
        cut = next(tried for tried in tries if tried.anew)
        told = any(cut.why in notice.text for notice in said)
        why = "" if told else f" {_sentence(cut.why)}"
        said.append(NoticePart(f"This answer was begun anew, because the first one broke off.{why}"))
    return tuple(said)


def stands_in(answered_by: str, passed_over: PassedOver) -> NoticePart:
    """What stays in the answer of a model that was not the one to answer: the one that was can't be used."""
    return NoticePart(f"{answered_by} answered instead of {passed_over.model_id}. {_sentence(passed_over.why)}")


def left_out(model_id: str, messages: int, *, or_more: bool) -> NoticePart:
    """What stands in an answer whose model was not sent the oldest messages; `or_more` when some were not even read."""
    if or_more:
        who = f"More than {messages} of the oldest messages were" if messages else "The oldest messages were"
    else:
        who = f"The {messages} oldest messages were" if messages > 1 else "The oldest message was"
    return NoticePart(f"{who} left out: the conversation is longer than {model_id} reads at once.")


def sent_in_part(model_id: str, files: Sequence[str]) -> NoticePart:
    """What stands in an answer for which attached files were too long."""
    names = _names(files)
    return NoticePart(f"Only the beginning of {names} was sent: there is more than {model_id} can read at once.")


def degraded(model_id: str, losses: Losses) -> tuple[NoticePart, ...]:
    """What stands in an answer of a model that was not shown everything as it is."""
    said = []
    if losses.pictures:
        them = "it" if len(losses.pictures) == 1 else "them"
        said.append(f"{model_id} was not shown {_names(losses.pictures)}, only told of {them} in words.")
    for by, names in _by_model(losses.described):
        said.append(f"{model_id} can't see {names}, but reads what {by} wrote of it.")
    for by, names in _by_model(losses.transcribed):
        said.append(f"{names} went to {model_id} as text: {by} wrote down what is said.")
    if losses.documents:
        said.append(f"{_names(losses.documents)} went to {model_id} as text, without pictures and layout.")
    if losses.tables:
        said.append(f"{model_id} was sent the first lines of {_names(losses.tables)}; tools that query data read all.")
    if losses.unreadable:
        said.append(f"{model_id} was told of {_names(losses.unreadable)} by name only: no text was found to send.")
    if losses.sounds:
        said.append(f"{model_id} was not played {_names(losses.sounds)}, only told what is known of the sound.")
    return tuple(map(NoticePart, said))


def being_described(parts: Sequence[ImagePart | AudioPart], by: str) -> str:
    """The line above an answer that waits for descriptions."""
    return f"{by} puts {_names([part.name for part in parts])} into words for a model that can't take it as it is."


def just_described(part: ImagePart | AudioPart, described: Described) -> NoticePart:
    """What stands in the first answer that a description was made for, so that people can read what was told."""
    what = "described" if isinstance(part, ImagePart) else "heard in"
    text = described.text if len(described.text) <= _DESCRIBED_CHARS else f"{described.text[:_DESCRIBED_CHARS]}…"
    return NoticePart(f"{described.by} {what} “{part.name}”: {text}")


def asked_what_is_wanted(model_id: str, outputs: Collection[Output]) -> NoticePart:
    """What stands in an answer for whose prompt another model was asked what it wants; no outputs: it didn't say."""
    if not outputs:
        return NoticePart(f"{model_id} was asked what you want, and gave no answer that says it.")
    kinds = " and ".join(sorted(outputs))
    return NoticePart(f"{model_id} was asked what you want, and said: {kinds}.")


def went_without(model_id: str, features: Sequence[str]) -> tuple[NoticePart, ...]:
    """What stands in an answer whose model refused parts of what it was asked with; see `LeftOut`."""
    if not features:
        return ()
    them = " and ".join(_FEATURES.get(Feature(each), each.replace("_", " ")) for each in features)
    return (NoticePart(f"{model_id} does not take {them}: it was asked without."),)


def will_stand_in(model_id: str, passed_over: PassedOver) -> str:
    """The line above the composer before anything was asked."""
    return f"{model_id} will answer instead of {passed_over.model_id}. {_sentence(passed_over.why)}"


def _by_model(described: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Models with the names of what they described."""
    found: dict[str, list[str]] = {}
    for name, by in described:
        found.setdefault(by, []).append(name)
    return [(by, _names(names)) for by, names in found.items()]


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
