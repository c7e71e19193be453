"""What the parts of one reply have in common: what it is about, how it looks, its language. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.chat.planning import lexicon as lex
from core.chat.planning import small_words as small
from core.chat.planning.clauses import Clause, outputs_of
from core.chat.planning.grammar import grammar_of
from core.chat.planning.language import NAMES, asked_for, written_in
from core.chat.planning.pointing import is_content, pointing
from core.chat.planning.pronouns import verb_of
from core.chat.planning.words import MOST_READ, Token, request_and_material, shortened, tokens
from data.values.plans import Brief

_MOST_SUBJECT = 200

_OF_STYLE = re.compile(
    r"\b(?:in (?:the )?style of|im stil von|im stile? (?:der|des|eines?)|al estilo de|en el estilo de|"
    r"(?:dans|à) (?:le|la) (?:style|manière) (?:de|d['’])|nello stile di|in stile|no estilo de|as if by|à la)\s+"
    r"[^,.;:\n]{2,60}",
    re.IGNORECASE,
)
_KINDS = (
    r"water-?colou?rs?|aquarell|acuarela|aquarelle|acquerello|aquarela|oil painting|oils?|ölgemälde|öl|óleo|huile|olio|"
    r"pixel art|pixelart|anime|manga|cartoon|comic|noir|film noir|pop art|art deco|art nouveau|jugendstil|cubis[mt]\w*|"
    r"impressionis[mt]\w*|surreal\w*|photo-?realis\w*|foto-?realis\w*|minimalis\w*|vintage|retro|steampunk|cyberpunk|"
    r"low[- ]poly|isometric|line art|pencil|bleistift|lápiz|crayon|matita|charcoal|kohle|carboncillo|fusain|carboncino|"
    r"ink|tinte|tinta|encre|inchiostro|pastels?|pastell|black[- ]and[- ]white|schwarz-?weiß|blanco y negro|"
    r"noir et blanc|bianco e nero|preto e branco|sepia|3d|claymation|claymation|ukiyo-e|collage|flat design|sketch"
)
_IN_STYLE = re.compile(
    rf"\b(?:(?:in|as|like|with|als|im|en|como|con|avec|à l['’]|come|com|em)\s+)(?:(?:an?|the|ein(?:e[rmns]?)?|una?|une|"
    rf"uma?|soft|bright|dark|pale|loose|old|weichem|zartem)\s+){{0,2}}(?:{_KINDS})(?:\s+(?:style|stil|estilo))?\b|"
    rf"\b(?:{_KINDS})\s+(?:style|stil)\b",
    re.IGNORECASE,
)


def brief_of(prompt: str, clauses: Sequence[Clause]) -> Brief:
    """What a prompt says of the whole reply."""
    request, _ = request_and_material(prompt)
    words = tokens(request)
    subjects = [subject for clause in clauses if clause.is_sure and (subject := subject_of(clause.words))]
    subject = subjects[0] if subjects else subject_of(request)
    return Brief(prompt.strip(), shortened(subject, _MOST_SUBJECT), style_of(request), _language(request, words))


def subject_of(clause: str) -> str:
    """What a clause is about, in its words; empty when it only points at something, or names nothing."""
    clause = _without_style(clause[:MOST_READ])
    words = tokens(clause)
    how = pointing(words)
    grammar = grammar_of(words)
    points = how.pronoun or how.again or how.change or how.kinds or how.several is not None
    if points or not (how.free or how.definite) or any(token.folded in lex.DOCUMENTS for token in words):
        return ""
    begin = 0
    while begin < len(words) and _says_what(words[begin], grammar.verbs | small.ABOUT):
        begin += 1
    noun = next((at for at in range(begin, min(begin + 5, len(words))) if outputs_of(words[at].folded)), None)
    if noun is not None:
        near = range(noun + 1, min(noun + 7, len(words)))
        about = next((at for at in near if words[at].folded in small.ABOUT or ":" in words[at].after), None)
        begin = begin if about is None else about + (words[about].folded in small.ABOUT)
    if not any(is_content(each.folded, grammar) for each in words[begin:]):
        return ""
    return clause[words[begin].start : _end(words, begin, grammar.verbs, len(clause))].strip(" .,;:!?\n")


def _end(words: Sequence[Token], begin: int, verbs: frozenset[str], end: int) -> int:
    """Where the next wish begins: a fox, and make it red."""
    for at in range(begin + 1, len(words)):
        if words[at - 1].folded in small.JOINS and verb_of(words[at].folded) in verbs:
            return words[at - 1].start
    return end


def style_of(request: str) -> str:
    """How it shall look, in the words of the request; empty where nothing is said."""
    request = request[:MOST_READ]
    found = [match.group().strip() for match in _OF_STYLE.finditer(request)]
    found += [
        match.group().strip() for match in _IN_STYLE.finditer(request) if not any(match.group() in f for f in found)
    ]
    return ", ".join(dict.fromkeys(found))


def _without_style(text: str) -> str:
    return _IN_STYLE.sub("", _OF_STYLE.sub("", text))


def _says_what(token: Token, verbs: frozenset[str]) -> bool:
    word = verb_of(token.folded)
    return word in verbs or word in small.FILLERS - {"a"} or word in small.JOINS or word in small.NOW


def _language(request: str, words: Sequence[Token]) -> str:
    asked = asked_for(words)
    if len(asked) == 1:
        return asked[0]
    letters = [each for each in request if each.isalpha()]
    latin = sum(each < "ɐ" for each in letters)
    # Another script tells a model by itself in which language it is addressed.
    return NAMES[written_in(words)] if letters and latin > len(letters) / 2 else ""
