"""Verses and tales of the sandbox: templates in the language that was asked for, with the prompt's words in them."""

from __future__ import annotations

import hashlib
import re

from core.sandbox.languages import language_named, language_of

SIGNED = "*— the scripted sandbox*"
"""What ends a text of the sandbox that has no room for more about itself."""

_LINES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("listen: {subject}", "in the hush: {subject}", "{subject}, slow and clear", "once more, {subject}"),
        (
            "a single leaf crosses the light", "the wind forgets its own name here", "shadows lean closer to listen",
            "one small sound opens the whole day", "rain writes a letter on the water",
            "the hills hold their breath a while",
        ),
        ("and the world is new", "nothing needs to move", "evening keeps the gold", "the moon takes its time"),
    ),
    "de": (
        ("sieh nur: {subject}", "ganz still: {subject}", "{subject}, klar und leise"),
        ("ein Blatt überquert das Licht", "der Wind vergisst seinen Namen", "Schatten rücken näher heran",
        "Regen schreibt auf das Wasser"),
        ("und die Welt ist neu", "nichts muss sich rühren", "der Mond lässt sich Zeit"),
    ),
    "fr": (
        ("regarde : {subject}", "dans le calme : {subject}", "{subject}, lent et clair"),
        ("une feuille traverse la lumière", "le vent oublie son propre nom", "la pluie écrit sur l’eau du lac"),
        ("et le monde est neuf", "rien n’a besoin de bouger", "la lune prend son temps"),
    ),
    "es": (
        ("mira: {subject}", "en la calma: {subject}", "{subject}, lento y claro"),
        ("una hoja cruza la luz", "el viento olvida su nombre", "la lluvia escribe en el agua"),
        ("y el mundo es nuevo", "nada tiene que moverse", "la luna no tiene prisa"),
    ),
    "it": (
        ("guarda: {subject}", "nella quiete: {subject}", "{subject}, lento e chiaro"),
        ("una foglia attraversa la luce", "il vento scorda il suo nome", "la pioggia scrive sull’acqua"),
        ("e il mondo è nuovo", "nulla deve muoversi", "la luna non ha fretta"),
    ),
    "pt": (
        ("olha: {subject}", "na calma: {subject}", "{subject}, lento e claro"),
        ("uma folha atravessa a luz", "o vento esquece o seu nome", "a chuva escreve na água"),
        ("e o mundo é novo", "nada precisa mover-se", "a lua não tem pressa"),
    ),
}  # fmt: skip
_TALES = {
    "en": (
        "This is the short story of {subject}. It began on an ordinary morning, when nobody expected anything. Then "
        "the wind turned, a door stood open, and {subject} saw how wide the world is. By evening everything was where "
        "it belonged, and a little different."
    ),
    "de": (
        "Dies ist die kurze Geschichte: {subject}. Sie begann an einem gewöhnlichen Morgen, an dem niemand etwas "
        "erwartete. Dann drehte der Wind, eine Tür stand offen, und die Welt war weit. Am Abend war alles an seinem "
        "Platz und doch ein wenig anders."
    ),
    "fr": (
        "Voici une petite histoire : {subject}. Elle commença un matin ordinaire, où personne n’attendait rien. Puis "
        "le vent tourna, une porte resta ouverte, et le monde parut vaste. Le soir, tout était à sa place, et un peu "
        "différent."
    ),
    "es": (
        "Esta es una historia breve: {subject}. Empezó una mañana cualquiera, cuando nadie esperaba nada. Luego cambió "
        "el viento, una puerta quedó abierta y el mundo pareció ancho. Al anochecer todo estaba en su lugar, y era un "
        "poco distinto."
    ),
}
_ABOUT = re.compile(
    r"\b(?:about|on the subject of|über|ueber|zum thema|vom|von|sur|sobre|acerca de|sull[ao’']?|su"
    r"|of|on|over|for|für|para|pour)\s+",
    re.IGNORECASE,
)
_END = re.compile(
    r"[,;:.!?\n(\[“”\"]|\s(?:and|und|et|y|e|then|dann|puis|luego|poi|in (?:english|german|french"
    r"|spanish|italian|portuguese)|auf (?:deutsch|"
    r"englisch)|en (?:español|francés|français|anglais|inglés))\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:an?|the|an|der|die|das|den|dem|einen?|einem?|einer|les?|la|l[’']|une?|des|el|los|las|una?"
    r"|il|lo|gli|uma?|os?|as)\s+",
    re.IGNORECASE,
)
_WORDS_AROUND = """
    write compose create make give tell me us a an the please short little small haiku poem verse poems verses
    limerick rhyme story tale of lines line three schreib schreibe dichte verfasse mir ein eine einen kurzes gedicht
    geschichte bitte zeilen ecris compose un une poeme histoire court courte lignes escribe compon una poema historia
    corto corta cuento versos scrivi poesia storia breve escreva escreve uma curta
"""
_FRAME = frozenset(_WORDS_AROUND.split())


def verse(asked: str) -> str:
    """Three lines."""
    language = _language(asked)
    digest = hashlib.sha256(asked.casefold().encode("utf-8", "replace")).digest()
    lines = [each[digest[place] % len(each)] for place, each in enumerate(_LINES[language])]
    text = "\n".join(lines).format(subject=subject_of(asked) or {"en": "a quiet hour"}.get(language, "…"))
    return text[:1].upper() + text[1:]


def tale(asked: str) -> str:
    """A few sentences."""
    language = _language(asked)
    return _TALES.get(language, _TALES["en"]).format(subject=_about(asked) or "a traveller")


def subject_of(asked: str) -> str:
    """What a text shall be about, in the prompt's own words and without its article; empty where it does not say."""
    return " ".join(_ARTICLE.sub("", _about(asked)).split()[:6])


def _about(asked: str) -> str:
    found = _ABOUT.search(asked)
    words = (
        asked[found.end() :]
        if found
        else " ".join(each for each in asked.split() if each.casefold().strip(",.:") not in _FRAME)
    )
    words = _END.split(words.strip(), maxsplit=1)[0]
    return " ".join(words.replace("{", "").replace("}", "").split()[:8])


def _language(asked: str) -> str:
    wanted = language_named(asked) or language_of(asked)
    return wanted if wanted in _LINES else "en"
