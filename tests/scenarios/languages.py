"""Wishes in other languages than English: a text about something, a picture of it, and its reading, as one prompt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """How wishes are put.

    Args:
        subjects: things to write about, in the form that stands behind `writes`.
        writes, paints, reads: the wishes; the first has a place for its subject.
        joined: how three are put together.
        alone: a picture alone, with a place for its subject.
    """

    subjects: tuple[str, ...]
    writes: tuple[str, ...]
    paints: tuple[str, ...]
    reads: tuple[str, ...]
    joined: tuple[str, ...]
    alone: tuple[str, ...]


LANGUAGES = {
    "German": Language(
        ("einen Leuchtturm im Nebel", "eine müde Eule", "den ersten Schnee", "ein altes Fahrrad"),
        (
            "schreib ein Haiku über {}",
            "schreib mir ein kurzes Gedicht über {}",
            "schreibe eine kurze Geschichte über {}",
        ),
        ("male ein Bild davon", "zeichne ein Bild dazu", "male es"),
        ("lies es laut vor", "lies es mir vor", "lies es bitte vor"),
        ("{}, {} und {}", "{}, dann {}, und dann {}"),
        ("male {}", "zeichne {}", "zeichne ein Bild von {}"),
    ),
    "Spanish": Language(
        ("un faro en la niebla", "una zorra plateada", "la primera nieve", "un viejo molino"),
        ("escribe un haiku sobre {}", "escribe un poema corto sobre {}", "escribe un cuento corto sobre {}"),
        ("dibújalo", "haz un dibujo", "píntalo"),
        ("léelo en voz alta", "léemelo en voz alta"),
        ("{}, {} y {}", "{}, luego {} y después {}"),
        ("dibuja {}", "pinta {}", "haz un dibujo de {}"),
    ),
    "French": Language(
        ("un phare dans la brume", "une vieille chouette", "la première neige", "un moulin rouge"),
        ("écris un haïku sur {}", "écris un court poème sur {}", "écris une petite histoire sur {}"),
        ("dessine-le", "fais-en un dessin", "peins-le"),
        ("lis-le à voix haute", "lis-le-moi à voix haute"),
        ("{}, {} et {}", "{}, puis {}, et enfin {}"),
        ("dessine {}", "peins {}", "fais un dessin d'{}"),
    ),
    "Italian": Language(
        ("un faro nella nebbia", "una volpe d'argento", "la prima neve", "un vecchio mulino"),
        ("scrivi un haiku su {}", "scrivi una breve poesia su {}", "scrivi una breve storia su {}"),
        ("disegnalo", "fanne un disegno", "dipingilo"),
        ("leggilo ad alta voce", "leggimelo ad alta voce"),
        ("{}, {} e {}", "{}, poi {} e infine {}"),
        ("disegna {}", "dipingi {}", "fai un disegno di {}"),
    ),
    "Portuguese": Language(
        ("um farol na neblina", "uma raposa prateada", "a primeira neve", "um velho moinho"),
        ("escreve um haiku sobre {}", "escreve um poema curto sobre {}", "escreva uma história curta sobre {}"),
        ("desenha-o", "faz um desenho", "faça um desenho"),
        ("lê em voz alta", "leia em voz alta"),
        ("{}, {} e {}", "{}, depois {} e por fim {}"),
        ("desenha {}", "pinta {}", "faz um desenho de {}"),
    ),
}
