"""What a prompt asks for in so many words, clause by clause; the analysis weighs it as a whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.chat.planning import small_words as small
from core.chat.planning.clauses import begins, outputs_of, reach
from core.chat.planning.grammar import Grammar, grammar_of
from core.chat.planning.pointing import pointing
from core.chat.planning.pronouns import is_clitic, verb_of
from core.chat.planning.words import Token, listed, request_and_material, tokens
from data.learning.matters import without_matters
from data.values.plans import Input, Output

_MOST = 500
"""Characters of a prompt whose words are taken for what they say: longer ones hold material."""

# Code, files and templates speak of reading, drawing and images without wanting any.
_MATERIAL = re.compile(
    r"```|[{}<>=;|\\]|\w\.\w{2,4}\b|\b(?:function|class|def|css|html|python|javascript|api|app|code)\b", re.I
)
_NOT = listed(
    """no not don t dont without never nicht kein keine keinen ohne nie sin ningun ninguna pas sans aucun aucune non
    senza
    nessun nessuna nao sem nenhum nenhuma"""
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
_MOST_CHANGING = 16
_SEEN = listed(
    """darker brighter lighter sky background foreground colour color colours colors horizon sunset moon sun stars
    clouds tree trees mountain mountains grass blurry sharper
    dunkler heller himmel hintergrund vordergrund farbe farben mond sonne sterne wolken baum baeume berg berge
    oscuro oscura cielo fondo color colores luna sol estrellas nubes arbol arboles
    sombre fonce ciel fond couleur couleurs lune soleil etoiles nuages arbre arbres
    scuro scura sfondo colore colori sole stelle nuvole albero alberi
    escuro escura ceu cor cores lua estrelas nuvens arvore arvores"""
)
"""What is seen and not heard: who wants these changed means a picture, if there is one."""

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
    if material or len(prompt) > _MOST or _MATERIAL.search(prompt):
        return frozenset()
    words = tokens(without_matters(request))
    if not words:
        return frozenset()
    grammar = grammar_of(words)
    found = {_asked(words, at, grammar) for at in range(len(words)) if _may_begin(words, at)}
    found |= {Output.CHART for at in range(len(words)) if _is_drawn_in(words, at, grammar)}
    return frozenset(output for output in found if output is not None)


def changes_picture(prompt: str, earlier: Sequence[frozenset[Output]]) -> bool:
    """Whether a prompt asks for the picture of before to be made different, in words that only pictures are changed by.

    Args:
        earlier: what the last replies held, the newest last; since the picture nothing was written.
    """
    since = next((at for at, held in enumerate(reversed(earlier)) if Output.IMAGE in held), None)
    if since is None or any(held - {Output.SPEECH} for held in earlier[len(earlier) - since :]):
        return False
    words = tokens(prompt)
    grammar = grammar_of(words)
    begin = begins(words, 0, grammar, is_with=False) if words else None
    if begin is None or len(words) > _MOST_CHANGING or _MATERIAL.search(prompt):
        return False
    if verb_of(words[begin].folded) not in grammar.changing | grammar.making:
        return False  # it is asked why the sky is darker
    said = {token.folded for token in words}
    how = pointing(words)
    return how.change and not how.kinds - {Input.IMAGE} and bool(said & _SEEN) and not said & _NOT


def _may_begin(words: Sequence[Token], at: int) -> bool:
    return at == 0 or bool(words[at].after.strip("'’ ")) or words[at].folded in small.JOINS | small.WITH


def _asked(words: Sequence[Token], at: int, grammar: Grammar) -> Output | None:
    is_with = words[at].folded in small.WITH
    begin = begins(words, at, grammar, is_with=is_with)
    if begin is None:
        return None
    clause = reach(words, begin, 14, grammar)
    said = {token.folded for token in clause} | {token.folded for token in words[at:begin]}
    if said & _NOT:
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
    article = bool(near) and near[0] in grammar.indefinite
    following = {token.folded for token in words[at + 3 : at + 5]}
    is_chart = bool(set(near[1:]) & _NOUNS[Output.CHART]) and not following & {"format", "form"}
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
