"""What a prompt only speaks about: "what a bar chart is", "how to animate", "the plot of a play" ask for none of these.

Taken out before it is looked for what a prompt asks for. What follows behind "and draw one" or "with a picture" stays.
"""

from __future__ import annotations

import re

_ARTICLE = r"(?:an?|the|eine?n?|der|die|das|une?|les?|la|el|los|las|una?|gli|il)\b"
_REST = (
    rf"[^.;:!?,。，、？！\n]*?(?=[.;:!?,。，、？！\n]|\Z"
    rf"|\s(?:and|then|und|dann|et|puis|y|luego|e|poi|en)\s+(?!{_ARTICLE})"
    rf"|\s(?:with|mit|avec|con|com|met|as|als)\s|\sin an?\s"
    rf"|\s(?:aloud|out\ loud|laut\ vor|(?:à|en|ad|em)\ (?:voix\ haute|haute\ voix|voz\ alta|alta\ voce)))"
)
"""Of the clause: up to its end, to another verb, or to what comes with it."""

_DEFINED = rf"""
    \bwhat\ (?:an?|the)\ [\w\ -]{{2,40}}?\ (?:is|are|means?)\b | \bwhat\ [\w-]{{3,20}}(?:\ [\w-]{{3,20}})?\ are\b
    | \bwhat(?:'s|\ is)\ an?\b{_REST}
    | \bwas\ (?:eine?|der|die|das)\ [\w\ -]{{2,40}}?\ (?:ist|sind|bedeutet)\b | \bwas\ (?:ist|sind)\ eine?\b{_REST}
    | \bqu'est[- ]ce\ qu(?:e\b|'){_REST} | \bce\ qu(?:'est|e\ sont)\b{_REST}
    | \bqu[eé]\ (?:es|son)\ una?s?\b{_REST} | \bcos(?:'è|a\ è|a\ sono)\b{_REST} | \bo\ que\ (?:é|são)\ uma?s?\b{_REST}
    | \bwat\ (?:is|zijn)\ een\b{_REST} | \bчто\ такое\b{_REST} | \b(?:co\ to\ jest|czym\ jest)\b{_REST}
    | [^。，、？！.?!\n]*とは(?=何|なん|どう|[?？。]|\Z) | 什么是[^，。？！\n]* | [^，。？！\n]*是什么
"""
_TOLD = rf"""
    \b(?:(?:show|teach)\ (?:me|us)\ )?how\ (?:to|(?:do|can|should|would)\ (?:i|you|we|one))\b{_REST}
    | \b(?:which|what)\ (?:(?:kind|type|sort)\ of\ )?(?:chart|graph|plot|diagram)s?\b[^.!?\n]*\b(?:should|best|better)\b
    {_REST}
    | \b(?:tell|talk|speak)\ (?:to\ )?(?:me\ |us\ )?(?:(?:something|more|a\ bit)\ )?about\b{_REST}
    | \berzähle?\ (?:mir|uns)\ (?:etwas\ |mehr\ )?(?:über|von)\b{_REST}
    | \b(?:háblame|cuéntame\ algo)\ (?:de|sobre)\b{_REST} | \bparle[sz]?-moi\ d(?:e\b|'|u\b|es\b){_REST}
"""
_PROVED = rf"""
    \b(?:show|prove|demonstrate|verify)\ that\b{_REST} | \bprove\ (?:by|using)\b{_REST}
    | \b(?:zeigen?|beweisen?)(?:\ sie)?,?\ dass\b{_REST} | \b(?:montre|prouve|démontre)[rz]?\ qu(?:e\b|'){_REST}
    | \b(?:demuestra|muestra|prueba)\ que\b{_REST} | \b(?:dimostra|mostra)\ ch[eé]\b{_REST}
    | \b(?:prove|mostre|demonstre)\ que\b{_REST}
"""
_SAYINGS = rf"""
    \b(?:summari[sz]e|explain|describe|discuss|outline|retell|tell|what(?:'s|\ is))\ (?:me\ )?the\ plot\b
    | \bplot\ (?:twist|hole|device|point)s?\b
    | \bdraw(?:ing|s|n)?\ up\b | \b(?:end\w*|finish\w*|was|is|be)\ (?:in\ )?a\ (?:goalless\ |scoreless\ )?draw\b
    | \bdraw\ the\ line\ (?!chart|graph|plot)\w+
    | \bdraw\ (?:an?\ |any\ |some\ |your\ )?
    (?:conclusion|inspiration|attention|parallel|comparison|distinction|lesson)s?\b
    | \billustrate\b[^.!?,\n]*\bwith\ (?:an?\ |some\ |concrete\ )*(?:example|anecdote)s?\b
    | \billustrier\w*\b[^.!?,\n]*\bmit\ (?:einem\ |einigen\ )?beispiel\w* | \billustre[rz]?\b[^.!?,\n]*\bexemples?\b
    | \bilustra\b[^.!?,\n]*\bejemplos?\b
    | \bchart\ (?:a|my|your|our|the)\ (?:\w+\ )?(?:course|path|way|future)\b
    | \Aimagine\ (?:(?:you|that|if|being|living|there)\b|
    (?:a|the)\ (?:\w+\ )?(?:world|life|future|society|universe)\b).*
    | \b\w+\.\w+\([^()\n]*\)
    | \A(?:please\ )?(?:name|list|recommend|suggest)\ (?:me\ |us\ )?(?:[\w'-]+\ ){{0,3}}?
    (?:films?|movies?|videos?)\b{_REST}
    | \A(?:nenne?|empfiehl|empfehle)\ (?:[\w'-]+\ ){{0,3}}?(?:filme?|videos?)\b{_REST}
    | \A(?:recomi[eé]nda(?:me)?|nombra|recommande[sz]?(?:-moi)?|cite|nomme|consiglia(?:mi)?|recomend[ae])
    \ (?:[\w'-]+\ ){{0,3}}?(?:pel[ií]culas?|films?|filmes?|v[ií]deos?)\b{_REST}
"""
_ABLE = r"""
    \A(?:can|could|are)\ you\ (?:able\ to\ )?(?:also\ )?
    (?:draw|paint|sing|see|hear|speak|read|make|create|generate|show)
    (?:\ (?:pictures|images|photos|drawings|videos|films|charts|graphs|diagrams|sounds|music|audio|aloud))?\W*\Z
    | \Akannst\ du\ (?:auch\ )?(?:(?:bilder|videos|filme|diagramme|musik)\ )?
    (?:malen|zeichnen|singen|sprechen|sehen|hören|machen|erstellen|vorlesen)\W*\Z
    | \A(?:peux-tu|sais-tu|tu\ peux|tu\ sais)\ (?:dessiner|peindre|chanter|parler|voir|faire)(?:\ des\ \w+)?\W*\Z
    | \A¿?(?:puedes|sabes)\ (?:dibujar|pintar|cantar|hablar|ver|hacer)(?:\ (?:imágenes|fotos|dibujos|v[ií]deos))?\W*\Z
    | \A(?:puoi|sai)\ (?:disegnare|dipingere|cantare|parlare|vedere|fare)(?:\ (?:immagini|foto|disegni|video))?\W*\Z
"""
_MATTERS = re.compile("|".join((_DEFINED, _TOLD, _PROVED, _SAYINGS, _ABLE)), re.IGNORECASE | re.VERBOSE)


def without_matters(text: str) -> str:
    """The text without the clauses and sayings that ask for nothing but words.

    For short texts: its time grows with the square of their length.
    """
    return _MATTERS.sub(" ", text)
