"""What a prompt refers to in the conversation: by recency, by type, by words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from core.chat.planning import small_words as small
from core.chat.planning.pointing import Pointing, pointing
from core.chat.planning.things import Thing, things_of
from core.chat.planning.words import folded, forms, listed, quotes, request_and_material, tokens
from data.values.messages import Author, Utterance
from data.values.parts import Part
from data.values.plans import Earlier, Input, Output

MOST_TAKEN = 4
"""Things that one step takes at most: as many pictures as the tool that edits them takes."""

_SHORT = 25  # characters of a text that is no more than a polite word
_NUMBERS = 3  # of a text that can be drawn as a chart
_COMMON = listed("image picture photo file table chart audio video document example text untitled answer")

# Pronouns of languages of which no words are known here: Chinese, Japanese, Korean, Russian.
_EAST = re.compile(
    r"它|这|那|此|それ|これ|この|その|あの|그것|이것|\b(?:его|её|ее|это|эту|этот|их|нём)\b", re.IGNORECASE
)

_IMAGE, _TEXT, _AUDIO, _VIDEO = Input.IMAGE, Input.TEXT, Input.AUDIO, Input.VIDEO
_CHART, _TABLE, _DOCUMENT = Input.CHART, Input.TABLE, Input.DOCUMENT
_TAKES: dict[Output, tuple[tuple[Input, ...], ...]] = {
    Output.IMAGE: ((_TEXT, _IMAGE, _CHART, _TABLE, _AUDIO, _DOCUMENT, _VIDEO),),
    Output.SPEECH: ((_TEXT, _AUDIO, _DOCUMENT), (_TABLE, _IMAGE, _CHART, _VIDEO)),
    Output.CHART: ((_TABLE, _CHART, _TEXT), (_DOCUMENT, _AUDIO)),
    Output.VIDEO: ((_IMAGE, _VIDEO), (_TEXT, _AUDIO, _CHART, _DOCUMENT)),
    Output.TEXT: ((_TEXT, _IMAGE, _CHART, _TABLE, _DOCUMENT, _AUDIO, _VIDEO),),
}
"""What each kind is made of: of the first group of which there is anything, the latest; in one message the first."""
_CHANGED: dict[Output, Input] = {Output.IMAGE: _IMAGE, Output.CHART: _CHART, Output.VIDEO: _VIDEO}

_CALLED = {
    _IMAGE: "picture",
    _TEXT: "text",
    _AUDIO: "sound",
    _VIDEO: "film",
    _CHART: "chart",
    _TABLE: "table",
    _DOCUMENT: "document",
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was meant.

    Args:
        earlier: it, in the order of the conversation.
        doubtful: whether something else may have been meant.
        said: which was taken, for the reply to say when in doubt.
        things: the same with what is known of it besides.
    """

    earlier: tuple[Earlier, ...] = ()
    doubtful: bool = False
    said: str = ""
    things: tuple[Thing, ...] = ()


NOTHING = Resolved()


def resolve(
    prompt: str, analysis_outputs: frozenset[Output], history: Sequence[Utterance], attached: Sequence[Part]
) -> Resolved:
    """What a prompt refers to, for the first kind that it wants beside text."""
    order = (Output.IMAGE, Output.VIDEO, Output.CHART, Output.SPEECH, Output.TEXT)
    wanted = next((output for output in order if output in analysis_outputs), Output.TEXT)
    return meant(prompt, wanted, things_of(history, attached))


def meant(prompt: str, wanted: Output, things: Sequence[Thing]) -> Resolved:
    """What a request for one kind of content refers to among `things`; what came with it comes first."""
    request, _ = request_and_material(prompt)
    how = pointing(tokens(request))
    if quotes(prompt):
        how = replace(how, idle=False)
    if _EAST.search(request):
        how = replace(how, pronoun=True, change=True)
    usable = [thing for thing in things if _serves(thing, wanted, how)]
    if how.mine and any(thing.kind is _TEXT and thing.author is Author.USER for thing in usable):
        usable = [thing for thing in usable if thing.kind is not _TEXT or thing.author is Author.USER]
    if named := _by_name(prompt, usable):
        return _taken(named, doubtful=False)
    came = [thing for thing in usable if thing.back == 0 and (not how.kinds or thing.kind in how.kinds)]
    before = [thing for thing in usable if thing.back > 0]
    if came and not _means_before(how):
        return _of_attached(came, before, how, wanted)
    if came and before:
        joined = _before(before, how, wanted)
        both = how.several is not None or how.change or how.pronoun
        return _taken([*joined.things, *(came if both else [])], joined.doubtful)
    return _before(before, how, wanted)


def _means_before(how: Pointing) -> bool:
    return how.back is not None or how.previous


def _serves(thing: Thing, wanted: Output, how: Pointing) -> bool:
    if thing.kind is _TEXT and thing.author is Author.USER and not how.mine:
        return False
    if wanted is Output.CHART and thing.kind in {_TEXT, _AUDIO}:
        return len(re.findall(r"\d+", thing.earlier.text)) >= _NUMBERS
    return True


def _by_name(prompt: str, things: Sequence[Thing]) -> list[Thing]:
    """Those whose file or title is called by its name."""
    asked = folded(prompt)
    found: dict[str, Thing] = {}
    for thing in things:
        name = folded(thing.earlier.name.strip())
        stem = PurePosixPath(name).stem
        calls = name if thing.kind is not _TEXT else ""
        for each in (calls, stem if calls and len(stem) > 3 and stem not in _COMMON else ""):
            if each and len(each) > 3 and re.search(rf"(?<!\w){re.escape(each)}(?!\w)", asked):
                found[name] = thing  # of two with one name the newer one
                break
    return sorted(found.values(), key=lambda thing: thing.place)[:MOST_TAKEN]


def _of_attached(came: list[Thing], before: list[Thing], how: Pointing, wanted: Output) -> Resolved:
    fit = _first_group(came, wanted, how)
    same = [thing for thing in came if thing.kind is fit[0].kind] if fit else []
    if how.places and max(how.places) <= len(same) and not how.pronoun:
        return _taken([same[place - 1] for place in how.places], doubtful=False)
    if how.several and len(same) < how.several:
        # "Combine both" with one picture attached: the other one stands before.
        more = [thing for thing in before if thing.kind is same[0].kind][len(same) - how.several :] if same else []
        return _taken([*more, *same], doubtful=bool(more))
    return _taken(same[:MOST_TAKEN], doubtful=False)


def _before(things: list[Thing], how: Pointing, wanted: Output) -> Resolved:
    if how.kinds:
        things = [thing for thing in things if thing.kind in how.kinds]
    things = [thing for thing in things if (how.nouns - small.GENERIC) & thing.words] or list(things)
    fit = _first_group(things, wanted, how)
    found = None
    if fit and how.places and not how.several:
        found = _by_place(fit, how)
    elif fit and how.several is not None and how.points:
        found = _several(fit, how)
    elif fit and how.back == 1:
        found = _taken(fit[-2:-1] or fit, doubtful=len(fit) == 1)
    elif things:
        found = _by_words(things, how, wanted)
    if found is None and things and (how.points or how.back == 0 or how.previous):
        found = _latest(things, how, wanted)
    if found is None and wanted is Output.CHART:
        # Sales by month, after a table with a column of that name.
        found = _by_words([thing for thing in things if thing.kind in {_TABLE, _CHART}], how, wanted, how.content)
    if found is None and how.idle:
        found = _latest([thing for thing in things if thing.back <= 1], how, wanted)
        found = replace(found, doubtful=found.doubtful or wanted in {Output.IMAGE, Output.VIDEO})
    return found if found is not None and found.things else NOTHING


def _by_words(
    things: Sequence[Thing], how: Pointing, wanted: Output, words: frozenset[str] = frozenset()
) -> Resolved | None:
    """The one in which most of the words occur that the request takes as known; None where none do."""
    asked = words or how.definite or (how.content if how.kinds else frozenset())
    changed = _CHANGED.get(wanted)
    if changed is not None and (how.change or how.pronoun) and any(thing.kind is changed for thing in things):
        things = [thing for thing in things if thing.kind is changed]  # its sky, though an older text has one, too
    if changed is not None and len(how.joined) > 1:
        last = [
            [thing for thing in things if thing.kind is changed and _occurs(word, thing)][-1:] for word in how.joined
        ]
        if len(each := {thing.place: thing for found in last for thing in found}) > 1 and all(last):
            return _taken(list(each.values())[:MOST_TAKEN], doubtful=False)  # the fox and the owl: a picture of each
    counted = [(sum(_occurs(word, thing) for word in asked), thing) for thing in things]
    most = max((count for count, _ in counted), default=0)
    if most == 0:
        return None
    best = [thing for count, thing in counted if count == most]
    # The fox that was drawn, not the one in the story; the text, not its voice.
    best = [thing for thing in best if thing.kind is changed] or best
    kinds = [kind for group in _takes(wanted, how) for kind in group]
    best = [thing for thing in best if thing.kind in kinds]  # no chart is made of a picture
    if not best:
        return None
    newest = [thing for thing in best if thing.back == best[-1].back]
    first = min((thing.kind for thing in newest), key=kinds.index)
    alike = [thing for thing in newest if thing.kind is first]
    return _taken([alike[-1]], doubtful=len(alike) > 1)


def _occurs(word: str, thing: Thing) -> bool:
    return any(form in thing.words or f"{form}s" in thing.words for form in forms(word))


def _several(fit: list[Thing], how: Pointing) -> Resolved:
    same = [thing for thing in fit if thing.kind is fit[-1].kind]
    count = min(how.several or MOST_TAKEN, MOST_TAKEN)
    return _taken(same[-count:], doubtful=len(same) > count or len(same) < (how.several or 0))


def _by_place(fit: list[Thing], how: Pointing) -> Resolved:
    """The second picture: of the last reply that has as many, else of the conversation."""
    last = [thing for thing in fit if thing.back == fit[-1].back]
    among = last if len(last) > 1 and max(how.places) <= len(last) else fit
    found = [among[place - 1] for place in how.places if place <= len(among)]
    if how.back == 0 and fit[-1] not in found:
        found.append(fit[-1])  # the first and the last
    return _taken(found or [fit[-1]], doubtful=not found or (among is last and len(fit) > len(last)))


def _latest(things: list[Thing], how: Pointing, wanted: Output) -> Resolved:
    fit = _first_group(things, wanted, how)
    if not fit:
        return NOTHING
    newest = [thing for thing in fit if thing.back == fit[-1].back]
    kinds = [kind for group in _takes(wanted, how) for kind in group]
    first = min((thing.kind for thing in newest), key=kinds.index)
    same = [thing for thing in newest if thing.kind is first]
    if how.plural and len(same) > 1:
        return _taken(same[-MOST_TAKEN:], doubtful=len(same) > MOST_TAKEN)
    before = _made_of(same[-1], fit)
    rivals = [thing for thing in fit if thing.kind is first and thing.earlier.name not in before]
    unclear = len(same) > 1 or (same[-1].back > 1 and len(rivals) > 1) or (how.previous and len(rivals) > 1)
    return _taken([same[-1]], doubtful=unclear)


def _made_of(thing: Thing, things: Sequence[Thing]) -> set[str]:
    """The names of all that a picture was made of, step by step: one that was changed three times is still one."""
    names, new = set[str](), set(thing.made_of)
    while new:
        names |= new
        new = {name for each in things if each.earlier.name in new for name in each.made_of} - names
    return names


def _takes(wanted: Output, how: Pointing) -> tuple[tuple[Input, ...], ...]:
    changed = _CHANGED.get(wanted)
    of_it = how.pronoun and not how.draws and wanted is Output.IMAGE  # that one with a moon
    if changed is not None and (how.change or how.again or how.bare or of_it):
        return ((changed,), *_TAKES[wanted])
    return _TAKES[wanted]


def _first_group(things: Sequence[Thing], wanted: Output, how: Pointing) -> list[Thing]:
    """Those of the first group of which there are any, the oldest first."""
    for group in _takes(wanted, how):
        fit = [thing for thing in things if thing.kind in group]
        long = [thing for thing in fit if thing.kind is not _TEXT or len(thing.earlier.text) > _SHORT]
        if fit:
            return long or fit
    return []


def _taken(things: Sequence[Thing], doubtful: bool) -> Resolved:
    if not things:
        return NOTHING
    ordered = sorted(things, key=lambda thing: thing.place)
    said = f"Took {' and '.join(_called(thing) for thing in ordered)}."
    return Resolved(tuple(thing.earlier for thing in ordered), doubtful, said, tuple(ordered))


def _called(thing: Thing) -> str:
    return f"the {_CALLED[thing.kind]} “{thing.earlier.name or 'without a name'}” {_where(thing)}"


def _where(thing: Thing) -> str:
    if thing.back == 0:
        return "that came with your prompt"
    if thing.author is Author.USER:
        return "that you attached before" if thing.kind is not _TEXT else "that you wrote before"
    last = ("of the last reply", "of the last reply but one")
    return last[thing.back - 1] if thing.back <= len(last) else f"of the reply {thing.back - 1} replies before the last"
