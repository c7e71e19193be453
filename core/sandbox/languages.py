"""Which language a text is in, and which one a text names: by small words, for voices and verses."""

from __future__ import annotations

import re

from core.sandbox.vocabulary import plain_words

_READ_CHARS = 4_000
NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "ja": "Japanese", "zh": "Chinese", "ru": "Russian",
}  # fmt: skip
_NAMED = {
    "en": "english englisch anglais ingles inglese",
    "de": "german deutsch allemand aleman tedesco alemao",
    "fr": "french franzosisch francais frances francese",
    "es": "spanish spanisch espagnol espanol spagnolo espanhol castellano",
    "it": "italian italienisch italien italiano",
    "pt": "portuguese portugiesisch portugais portugues portoghese",
    "nl": "dutch niederlandisch neerlandais holandes olandese nederlands",
    "ja": "japanese japanisch japonais japones giapponese",
    "zh": "chinese chinesisch chinois chino cinese chines mandarin",
    "ru": "russian russisch russe ruso russo",
}
_SMALL = {
    "en": "the and of to is it that was for on are with you a an about write read this my me in",
    "de": "der die das und ist ein eine einen nicht mit von uber den dem zu auf fur schreib im ins mir bitte ich",
    "fr": "le la les des une est et dans sur un du au pour avec ecris moi qui que ce pas je il elle",
    "es": "el los las una es y en un del que con por para sobre escribe se lo al mi como su no",
    "it": "il lo gli una e di che un per con non sul sulla della scrivi del dei mi nel le",
    "pt": "o os as uma e em um do da que com por para sobre escreve escreva nao no na ao meu",
    "nl": "de het een en van is niet met op voor over schrijf ik je dat in",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_BY_NAME = {word: language for language, words in _NAMED.items() for word in words.split()}
_KANA, _HAN, _CYRILLIC = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[\u0400-\u04ff]")


def language_of(text: str) -> str:
    """ISO 639-1 code of the language that most of the small words are of; English where nothing says otherwise."""
    text = text[:_READ_CHARS]
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh"
    if len(_CYRILLIC.findall(text)) > len(text) / 4:
        return "ru"
    words = plain_words(text[:_READ_CHARS])
    scores = {language: sum(word in small for word in words) for language, small in _WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] > scores["en"] else "en"


def language_named(text: str) -> str:
    """The last language that a text names, in any of the languages known here; empty where it names none."""
    named = [_BY_NAME[word] for word in plain_words(text[:_READ_CHARS]) if word in _BY_NAME]
    return named[-1] if named else ""
