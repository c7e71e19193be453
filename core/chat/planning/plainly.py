"""What a prompt asks for in so many words, clause by clause; the analysis weighs it as a whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.chat.planning import lexicon as lex
from core.chat.planning import small_words as small
from core.chat.planning.clauses import begins, outputs_of, reach
from core.chat.planning.grammar import Grammar, grammar_of
from core.chat.planning.pronouns import is_clitic, verb_of
from core.chat.planning.words import Token, listed, request_and_material, tokens
from data.learning.matters import without_matters
from data.values.plans import Output

_MOST = 500
"""Characters of a prompt whose words are taken for what they say: longer ones hold material."""

# Code, files and templates speak of reading, drawing and images without wanting any.
MATERIAL = re.compile(
    r"```|[{}<>=;|\\]|\w\.\w{2,4}\b|\b(?:function|class|def|css|html|python|javascript|api|app|code)\b", re.I
)
NOT = listed(
    """no not don t dont without never nothing nicht nichts kein keine keinen ohne nie sin ningun ninguna nada pas rien
    sans aucun aucune non senza niente nulla nessun nessuna nao sem nenhum nenhuma"""
)
_DRAW = listed(
    """draw paint sketch illustrate render zeichne zeichnest male malst skizziere illustriere dibuja dibujame dibuje
    pinta
    pintame ilustra dessine dessinez peins illustre disegna disegnami dipingi dipingimi illustra desenha desenhe pinte
    ilustre"""
)
_SING = listed("sing singe canta cantame cantala cantalo chante chantez cante cantami")
_TELL = listed(
    """tell describe explain summarize summarise erzaehle erzaehl erklaere beschreibe cuenta cuentame explica raconte
    explique racconta raccontami spiega conta conte explica"""
)
_PLOT = listed("plot graph chart")
_IDIOMS = listed(
    """conclusion conclusions attention inspiration comparison comparisons parallel parallels lesson lessons line lines
    lot lots card cards distinction schluss schluesse fazit"""
)
_PARTICLES = listed("on upon from up out back")  # right behind the verb: "draw owls on a hill" is a picture
_COMPARING = listed("between versus vs difference differences zwischen unterschied entre difference tra fra differenza")
_VOICE = listed("voz voix voce")
_OWN = listed("own eigenen eigenem eigenes propia propio propre proprio propria")
_NOUNS = {
    Output.IMAGE: listed(
        """picture pictures image images photo photos drawing drawings illustration illustrations sketch painting logo
        poster bild bilder foto zeichnung illustration skizze gemaelde plakat imagen imagenes dibujo ilustracion dessin
        peinture affiche immagine immagini disegno dipinto illustrazione imagem imagens desenho ilustracao cartel
        cartaz"""
    ),
    Output.CHART: listed(
        """chart charts graph histogram diagramm balkendiagramm liniendiagramm kreisdiagramm tortendiagramm grafico
        graficos graphique histogramme istogramma histograma"""
    ),
    Output.SPEECH: listed(
        """voiceover narration audiobook audio hoerfassung vertonung sprachausgabe narracion locucion narrazione
        narracao locucao"""
    ),
    Output.VIDEO: listed("video animation videoclip animacion animazione animacao"),
}


def plainly_asked(prompt: str) -> frozenset[Output]:
    """The kinds beside text for which a clause of the prompt plainly asks; none where it holds code or names files."""
    request, material = request_and_material(prompt)
    if material or len(prompt) > _MOST or MATERIAL.search(prompt):
        return frozenset()
    words = tokens(without_matters(request))
    if not words:
        return frozenset()
    grammar = grammar_of(words)
    found = {_asked(words, at, grammar) for at in range(len(words)) if _may_begin(words, at)}
    found |= {Output.CHART for at in range(len(words)) if _is_drawn_in(words, at, grammar)}
    return frozenset(output for output in found if output is not None)


def begins_plainly(prompt: str) -> bool:
    """Whether the first thing that a prompt asks for is plainly no text."""
    words = tokens(prompt)
    return bool(words) and _asked(words, 0, grammar_of(words)) is not None


def _may_begin(words: Sequence[Token], at: int) -> bool:
    return at == 0 or bool(words[at].after.strip("'’ ")) or words[at].folded in small.JOINS | small.WITH


def _asked(words: Sequence[Token], at: int, grammar: Grammar) -> Output | None:
    is_with = words[at].folded in small.WITH
    begin = begins(words, at, grammar, is_with=is_with)
    if begin is None:
        return None
    clause = reach(words, begin, 14, grammar)
    said = {token.folded for token in clause} | {token.folded for token in words[at:begin]}
    if said & NOT:
        return None
    if is_with:
        return _named(clause[:5], grammar)
    if at and words[begin].folded in grammar.indefinite and _makes(words, grammar):
        return _named(clause[:4], grammar)  # write a poem about owls, and a picture of a fox
    return _of_verb(clause, said, grammar)


def _makes(words: Sequence[Token], grammar: Grammar) -> bool:
    """Whether a request begins by asking for something to be made, and compares nothing."""
    if any(token.folded in _COMPARING for token in words):
        return False
    begin = begins(words, 0, grammar, is_with=False)
    word = "" if begin is None else verb_of(words[begin].folded)
    return word in grammar.writing | grammar.making | grammar.drawing | _TELL


def _of_verb(clause: Sequence[Token], said: set[str], grammar: Grammar) -> Output | None:
    """What a clause asks for that begins with a verb."""
    written = clause[0].folded
    word, following = verb_of(written), clause[1].folded if len(clause) > 1 else ""
    found = None
    if word in _DRAW and (is_clitic(written) or following):
        near = {token.folded for token in clause[:4]}
        if near & _IDIOMS or following in _PARTICLES:
            return None
        found = Output.CHART if near & _NOUNS[Output.CHART] else Output.IMAGE
    elif (written in _SING and (is_clitic(written) or following in small.PRONOUNS)) or (
        word in grammar.speaking | _TELL and _is_aloud(said, grammar)
    ):
        found = Output.SPEECH
    elif word in _PLOT and following.isdecimal():
        found = Output.CHART
    elif word in grammar.making:
        found = _named(clause[1:6], grammar)
    return found


def _is_aloud(said: set[str], grammar: Grammar) -> bool:
    return bool(said & grammar.aloud or (said & _VOICE and said & {"alta", "haute"}))


def _is_drawn_in(words: Sequence[Token], at: int, grammar: Grammar) -> bool:
    """Whether something is to be shown in a chart, or as one."""
    near = [token.folded for token in words[at + 1 : at + 4]]
    before = {token.folded for token in words[max(0, at - 6) : at]}
    article = bool(near) and (near[0] in grammar.indefinite or bool(before & (lex.TABLES | lex.NUMBERS)))
    following = {token.folded for token in words[at + 3 : at + 5]}
    nouns = near if near and near[0] in _NOUNS[Output.CHART] else near[1:]
    is_chart = bool(set(nouns) & _NOUNS[Output.CHART]) and not following & {"format", "form"}
    return words[at].folded in grammar.styling and article and is_chart


def _named(words: Sequence[Token], grammar: Grammar) -> Output | None:
    """The kind of the first noun, behind an indefinite article or a number."""
    is_new = False
    for token in words:
        if token.text.startswith("-"):  # fais-en un dessin
            continue
        if token.folded in grammar.indefinite or token.folded in small.COUNTS or token.folded in _OWN:
            is_new = True
        elif token.folded in (grammar.of | grammar.definite | grammar.styling) - small.POSSESSIVE:
            return None
        elif is_new:
            for output, nouns in _NOUNS.items():
                if token.folded in nouns:
                    return output
            if outputs_of(token.folded):
                return None
    return None
