"""What is asked for in so many words is found, in six languages; what only sounds like it is not."""

from __future__ import annotations

import pytest

from core.chat.planning.plainly import plainly_asked
from tests.planning.house import outputs

ASKED = [
    ("Schreib mir einen kurzen Brief an Oma und lies ihn vor", "speech"),
    ("Write a letter to my landlord and read it aloud", "speech"),
    ("escribe una canción de cuna y cántala", "speech"),
    ("écris un conte et lis-le à voix haute", "speech"),
    ("Faz um desenho de um cavalo e conta uma história em voz alta", "image speech"),
    ("hazme un póster para una fiesta y escribe el texto", "image"),
    ("haz un dibujo de un gato y escribe un poema", "image"),
    ("Give me a bedtime story with two pictures", "image"),
    ("Write three short poems, each with its own picture", "image"),
    ("crea un'immagine di un tramonto e una poesia abbinata", "image"),
    ("Explain tides, then draw the moon", "image"),
    ("compare the GDP of France and Germany in a bar chart", "chart"),
    ("Zeig mir die Bevölkerung von Wien als Diagramm", ""),
    ("Vergleiche die Preise in einem Diagramm", "chart"),
    ("Give me a table of their weights as a chart", "chart"),
    ("Gib mir eine Tabelle der Gewichte als Diagramm", "chart"),
    ("Dame una tabla de los pesos como gráfico", "chart"),
    ("Fais un graphique de la population et explique-le", "chart"),
    ("draw owls on a hill, write a story about them and read the story to me aloud", "image speech"),
    ("écris un haïku sur un moulin, puis fais-en un dessin, et enfin lis-le à voix haute", "image speech"),
    ("scrivi un haiku sulla neve, poi fanne un disegno e infine leggilo ad alta voce", "image speech"),
    ("write a limerick about foggy otters. Finally a picture of amber comets by the sea.", "image"),
    ("tell me a story about whales and a picture of a teapot", "image"),
    ("tell me about otters and make a video of one", "video"),
    ("Write a poem, paint it, read it aloud, plot 3, 5, 8 and make a video of waves", "image speech chart video"),
]

NOT = [
    "write a limerick. no picture please",
    "don't draw it, describe it",
    "what conclusions can we draw from this?",
    "draw a conclusion",
    "draw on your experience",
    "what is the difference between a photo and a picture of a cat?",
    "tell me the difference between a photo and a picture of a cat",
    "write an essay on why a book and a film differ",
    "Read the first ten lines of the file",
    "what is a pie chart?",
    "describe the picture",
    "explain how cameras make pictures",
    "how do I read aloud better?",
    "write a python function that draws a cat",
    "make a page with an image in React code",
    "schreib ein Gedicht ohne Bild",
    "Zeichne nichts, beschreibe mir nur einen Leuchtturm",
    "Schreib ein Gedicht, lies aber nichts laut vor",
    "draw nothing",
    "no dibujes nada",
    "dessine rien",
    "escribe un poema, sin dibujos",
    "how do painters paint?",
    "illustrate your point with an example",
    "Kannst du malen?",
    "plot a course to the island",
    "lies den Text und fasse ihn zusammen",
    'what does "draw a cat" mean?',
    "Summarise this:\n\nDraw a cat and read it aloud.",
    "",
]


@pytest.mark.parametrize(("prompt", "kinds"), ASKED)
def test_what_is_asked_for(prompt: str, kinds: str) -> None:
    assert plainly_asked(prompt) == outputs(kinds)


@pytest.mark.parametrize("prompt", NOT)
def test_what_is_not(prompt: str) -> None:
    assert plainly_asked(prompt) == frozenset()
