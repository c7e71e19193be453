"""Which of six languages a request is written in, and which one it asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.chat.planning import lexicon as lex
from core.chat.planning import small_words as small
from core.chat.planning.words import Token, by_language, listed

NAMES = {"en": "English", "de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese"}

_MORE = by_language(
    """the and it please of is with to make now your darker another same what can could would
    de: der und es bitte ist mit zu nicht ich mir nochmal aber jetzt auch vom zur den noch etwas heller dunkler stell
    kannst koenntest
    es: el y lo por los las del es con mas ahora otra una esto eso muy hazlo para como pero este esa puedes podrias
    fr: le et les est avec plus maintenant une ce cette ca pour encore mais l s il te plus rends dans
    peux pourrais anglais espagnol
    it: il e gli con piu ora ancora un questo questa per ma di alla rendi rendilo che lo puoi potresti inglese spagnolo
    pt: o e os com mais agora uma isso isto para mas novamente um do da em deixa deixe podes pode voce"""
)
_ASKED = {
    "English": "english englisch ingles anglais inglese",
    "German": "german deutsch aleman allemand tedesco alemao deutscher",
    "Spanish": "spanish spanisch espanol castellano espagnol spagnolo espanhol spanischer",
    "French": "french franzoesisch frances francais francese",
    "Italian": "italian italienisch italiano italien",
    "Portuguese": "portuguese portugiesisch portugues portugais portoghese",
    "Japanese": "japanese japanisch japones japonais giapponese",
    "Chinese": "chinese mandarin chinesisch chino chinois cinese chines",
    "Korean": "korean koreanisch coreano coreen",
    "Russian": "russian russisch ruso russe russo",
    "Polish": "polish polnisch polaco polonais polacco",
    "Turkish": "turkish tuerkisch turco turc",
    "Arabic": "arabic arabisch arabe arabo",
    "Hindi": "hindi",
    "Dutch": "dutch niederlaendisch holandes neerlandais olandese",
    "Swedish": "swedish schwedisch sueco suedois svedese",
    "Latin": "latin latein latino",
    "Greek": "greek griechisch griego grec greco grego",
    "Ukrainian": "ukrainian ukrainisch ucraniano ukrainien",
    "Danish": "danish daenisch danes danois danese",
    "Norwegian": "norwegian norwegisch noruego norvegien norvegese",
    "Finnish": "finnish finnisch finlandes finnois finlandese",
    "Czech": "czech tschechisch checo tcheque ceco",
}
_BY_WORD = {word: name for name, words in _ASKED.items() for word in words.split()}
_BEFORE = listed("in into to auf ins en al au em para no")


def _votes() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    sources: list[Mapping[str, frozenset[str]]] = [_MORE, small.DEFINITE, small.INDEFINITE, small.STYLING]
    sources += [by_language(words) for words in lex.VERBS_AS_WRITTEN]
    for source in sources:
        for language, words in source.items():
            for word in words:
                found.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


_VOTES = _votes()


def written_in(request: Sequence[Token]) -> str:
    """The code of its language: the one of which most words are; English when nothing tells."""
    counts = dict.fromkeys(NAMES, 0.0)
    for token in request[:200]:
        languages = _VOTES.get(token.folded, frozenset())
        for language in languages:
            counts[language] += 1 / len(languages)
        if not token.folded.isascii() or token.text.lower() != token.folded:
            counts["en"] -= 0.5  # an accent
    return max(counts, key=lambda language: counts[language])


def asked_for(request: Sequence[Token]) -> tuple[str, ...]:
    """The languages that it wants something in, by their English names."""
    return tuple(dict.fromkeys(named_as_wanted(request).values()))


def named_as_wanted(request: Sequence[Token]) -> dict[int, str]:
    """Where it names the languages that it wants something in, and which these are."""
    found: dict[int, str] = {}
    for at, token in enumerate(request):
        name = _BY_WORD.get(token.folded)
        if name is None:
            continue
        before = request[at - 1].folded if at else ""
        into = before in _BEFORE or (before == "a" and token.folded != name.lower())  # a inglés; a French bulldog
        joined = (found and before in small.JOINS | {"", "or"}) or (found and token.after.strip() == ",")
        after_noun = at > 0 and before in listed("version versione fassung")
        if into or joined or after_noun or _is_version(request, at):
            found[at] = name
    return found


def _is_version(request: Sequence[Token], at: int) -> bool:
    following = request[at + 1].folded if at + 1 < len(request) else ""
    return following in listed("version translation voice voiceover narration fassung uebersetzung stimme audio")
