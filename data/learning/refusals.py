"""What is refused behind its verb ("zeichne ihn nicht", "draw nothing", "n'écris rien"), and prose that is refused.

"No picture" and "don't draw" stand in front of what they refuse: the operations read these.
"""

from __future__ import annotations

import re

from data.values.plans import Output

_LITTLE = (
    r"(?:\s(?:ihn|sie|es|das|dies|diese[ns]?|ihm|mir|uns|dir|mich|bitte|aber|jetzt|dabei|dazu|davon|mal|doch|auch|nun"
    r"|dann|diesmal|heute|hem|haar|het|dit|dat|me|mij|ons|alsjeblieft|maar|nu|er|it|them|us|for\sme))*"
)
_THING = r"(?:\s(?:de[nm]|die|das|diese[nmrs]?|de|het|dit|dat|deze)\s[\w-]+)?"
_BEHIND = (
    r"(?:\s(?:dazu|davon|daran|darüber|mehr|hier|bitte|erbij|meer|alsjeblieft|at\sall|here|please|to\sit|about\sit|on\sit"
    r"|with\sit))*"
)
_END = (
    r"(?=\s*(?:[.,;:!?\n]|\Z)|\s(?:und|sondern|nur|aber|en|maar|alleen|and|just|only|et|mais|juste|y|solo"
    r"|sólo|e|ma|mas|só)\s)"
)
_DRAWING = (
    r"(?:zeichnen?|zeichnet|mal(?:en?|t)?|skizzier(?:en?)?|illustrier(?:en?)?|bebilder[en]?|teken(?:en)?|schilder(?:en)?"
    r"|schets(?:en)?)"
)
_FILMING = r"(?:film(?:en?)?|verfilm(?:en?)?|animier(?:en?)?|animeer)"
_NOTHING = r"(?:nichts|nicht(?!\snur)|niets|niet(?!\salleen)|niks|keine?n?s?)"
_TEXT_WORD = r"(?:anything|a\s(?:single\s)?(?:word|thing|line)|any(?:\s\w+)?\s(?:text|words|prose|lines)|text|words)"

_REFUSED = {
    Output.IMAGE: rf"""\b{_DRAWING}{_LITTLE}{_THING}{_LITTLE}\s{_NOTHING}{_BEHIND}{_END}
        | \b(?:nichts?|niets?|niks)(?:\s(?:davon|dazu|mehr|zu|te))*
        \s(?:zeichnen|malen|skizzieren|illustrieren|tekenen|schilderen)\b
        | \b(?:draw|paint|sketch|illustrate)\ nothing{_BEHIND}{_END}
        | \b(?:dessine[sz]?|peins|illustre[sz]?)(?:-l[ea]s?)?\ (?:rien|pas){_BEHIND}{_END}""",
    Output.SPEECH: rf"""\b(?:lies|lest|lees){_LITTLE}{_THING}{_LITTLE}\s{_NOTHING}
        \s(?:laut\s)?(?:vor|voor){_BEHIND}{_END}
        | \b(?:sprich|vertone?|singe?){_LITTLE}{_THING}\s{_NOTHING}{_BEHIND}{_END}
        | \b(?:nichts?|niets?|niks)(?:\s(?:davon|dazu|mehr|laut))*\s(?:vorlesen|vorzulesen|vertonen|voorlezen)\b
        | \b(?:read|say|speak)\ nothing(?:\ (?:aloud|out\ loud|out))?{_BEHIND}{_END}
        | \blis(?:ez)?(?:-l[ea]s?)?\ (?:rien|pas)\ à\ (?:voix\ )?haute(?:\ voix)?{_END}""",
    Output.VIDEO: rf"""\b{_FILMING}{_LITTLE}{_THING}{_LITTLE}\s{_NOTHING}{_BEHIND}{_END}
        | \b(?:nichts?|niets?|niks)(?:\s(?:davon|dazu|mehr|zu|te))*\s(?:filmen|verfilmen|animieren|animeren)\b
        | \b(?:film|animate)\ nothing{_BEHIND}{_END}""",
    Output.TEXT: rf"""\b(?:do\ not|don't|dont|never|without)\ (?:write|writing|add|adding)\ {_TEXT_WORD}{_BEHIND}{_END}
        | \bwrite\ nothing{_BEHIND}{_END} | \bwith(?:out\ any|\ no)\ (?:text|words|prose){_BEHIND}{_END}
        | \bschreib(?:e|t|en)?{_LITTLE}\s(?:nichts?|kein\swort){_BEHIND}{_END}
        | \bnichts(?:\s(?:dazu|davon|mehr|zu))*\sschreiben\b | \bkein(?:en)?\stext{_BEHIND}{_END}
        | \bschrijf{_LITTLE}\s(?:niets?|niks){_BEHIND}{_END}
        | \b(?:no\ escrib[ae]s?|sin\ escribir)\ (?:nada|ni\ una\ palabra|ningún\ texto){_BEHIND}{_END}
        | \b(?:n'|n\ |ne\ )?écri(?:s|vez|re)\ rien{_BEHIND}{_END} | \bsans\ rien\ écrire\b
        | \b(?:non|senza)\ (?:scriver[ei]|scriva|scrivete)\ (?:niente|nulla){_BEHIND}{_END}
        | \b(?:não|nao|sem)\ escrev(?:as?|er)\ nada{_BEHIND}{_END}
        | \b(?:picture|image|drawing|painting)\ only\b | \bonly\ (?:the|a)\ (?:picture|image|drawing|painting)\b
        | \bnur\ (?:das|ein)\ bild\b | \bs[oó]lo\ (?:la|una)\ imagen\b | \b(?:juste|seulement)\ (?:l'|une\ )image\b
        | \bsolo\ (?:l'|un')immagine\b | \bapenas\ (?:a|uma)\ imagem\b
        | \b(?:nic\ nie\ pisz|nie\ pisz\ nic(?:zego)?|ничего\ не\ пиши(?:те)?){_END}""",
}
_PATTERNS = {output: re.compile(pattern, re.VERBOSE) for output, pattern in _REFUSED.items()}
"""Each in text as it is masked: lower case, one space between words."""


def refused_behind(text: str) -> tuple[frozenset[Output], str]:
    """The kinds that a masked text refuses so, and what is left of it without those clauses."""
    refused = set()
    for output, pattern in _PATTERNS.items():
        text, found = pattern.subn(" ", text)
        if found:
            refused.add(output)
    return frozenset(refused), text
