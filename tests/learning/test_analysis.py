"""What prompts ask for, in the words that people use: none of these sentences is in the examples it was trained on."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from data.learning.analysis import PromptAnalyzer
from data.values.plans import Input, Output
from data.values.tasks import Task
from tests.project.places import ROOT

T, I, S, C, V = Output.TEXT, Output.IMAGE, Output.SPEECH, Output.CHART, Output.VIDEO  # noqa: E741
ANALYZER = PromptAnalyzer()

ALONE: dict[str, set[Output]] = {
    "Why do cats purr?": {T},
    "Write me a letter to the tax office": {T},
    "a list of vegetables that grow in the shade": {T},
    "a story about a pirate who is afraid of water": {T},
    "Paint a hedgehog in a raincoat": {I},
    "a portrait of an old sailor": {I},
    "Please make a picture of the harbour in the morning mist": {I},
    "bar chart of the average price by city": {C},
    "total revenue by quarter": {C},
    "make a short video of a paper boat in the rain": {V},
    "Write a haiku about frost, paint it and read it aloud": {T, I, S},
    "write a poem about my cat and draw it": {T, I},
    "don't draw it, describe it": {T},
    "Schreib ein Gedicht über Schnee": {T},
    "Male einen Bären im Wald": {I},
    "Dibuja un caballo blanco": {I},
    "Dessine un cheval blanc": {I},
    "Narysuj białego konia": {I},
    "нарисуй белую лошадь": {I},
    "白い馬を描いて": {I},
    "画一匹白马": {I},
    "¿Quién descubrió América?": {T},
    "Warum ist Schnee weiß?": {T},
    "Pourquoi les chats ronronnent-ils ?": {T},
}
AFTER: list[tuple[str, set[Output], set[Output]]] = [
    ("make the sky darker", {I}, {I}),
    ("now without the trees", {I}, {I}),
    ("thanks, that is lovely", {I}, {T}),
    ("now say it in Spanish", {S}, {S}),
    ("now say it in Spanish", {T}, {T}),
    ("read it aloud", {T}, {S}),
    ("plot that instead", {T}, {C}),
    ("as a pie chart", {C}, {C}),
    ("draw it", {T}, {I}),
]
ATTACHED: list[tuple[str, set[Input], set[Output]]] = [
    ("What is this?", {Input.IMAGE}, {T}),
    ("remove the background", {Input.IMAGE}, {I}),
    ("transcribe this please", {Input.AUDIO}, {T}),
    ("summarize it", {Input.DOCUMENT}, {T}),
    ("plot the sales per month", {Input.TABLE}, {C}),
]


@pytest.mark.parametrize("prompt", ALONE)
def test_what_a_prompt_asks_for(prompt: str) -> None:
    assert ANALYZER.analyze(prompt).outputs == ALONE[prompt]


@pytest.mark.parametrize(("prompt", "before", "wanted"), AFTER)
def test_what_a_prompt_asks_for_after_a_reply(prompt: str, before: set[Output], wanted: set[Output]) -> None:
    assert ANALYZER.analyze(prompt, frozenset(), [frozenset({T}), frozenset(before)]).outputs == wanted


@pytest.mark.parametrize(("prompt", "inputs", "wanted"), ATTACHED)
def test_what_a_prompt_asks_of_what_is_attached(prompt: str, inputs: set[Input], wanted: set[Output]) -> None:
    assert ANALYZER.analyze(prompt, frozenset(inputs)).outputs == wanted


ONLY_SPOKEN_ABOUT = [
    "Explain what a line chart is",
    "what is a box plot?",
    "Erkläre, was ein Liniendiagramm ist",
    "Qu'est-ce qu'un graphique en barres ?",
    "¿Qué es un histograma?",
    "円グラフとは何ですか",
    "Which kind of chart should I use for shares of a whole?",
    "Explain the plot of Macbeth to me",
    "Help me chart a new course in life",
    "Why does this fail: ax.plot(t, s)?",
    "Show me how to draw a horse",
    "Explain how to animate a walk in Blender",
    "Draw up a plan for the garden",
    "The game ended in a draw. Who goes through?",
    "Illustrate the idea with two or three words and with an example",
    "Imagine you could fly",
    "Are you able to draw?",
    "Can you make videos?",
    "Kannst du zeichnen?",
    "¿Sabes dibujar?",
    "Talk to me about the sea",
    "Show that the sum of two even numbers is even",
    "Zeige, dass die Summe zweier gerader Zahlen gerade ist",
    "Montre que la somme de deux nombres pairs est paire",
    "Prove by contradiction that log2(7) is irrational",
    "Name the gears of a bicycle",
    "Nenne die Gänge eines Fahrrads",
    "please identify the strings of a violin",
]


@pytest.mark.parametrize("prompt", ONLY_SPOKEN_ABOUT)
def test_what_is_only_spoken_about_is_not_asked_for(prompt: str) -> None:
    assert ANALYZER.analyze(prompt).outputs == {T}


REFUSED = [
    "Zeichne nichts, beschreibe mir nur einen Leuchtturm",
    "Zeichne ihn nicht, beschreib ihn: ein Leuchtturm",
    "Zeichne den Leuchtturm nicht, beschreib ihn nur",
    "Beschreib mir einen Leuchtturm, aber mal nichts",
    "Male bitte nichts davon und erzähl mir lieber von einem Leuchtturm",
    "Bitte nichts zeichnen, nur beschreiben: ein Leuchtturm",
    "Bitte kein Bild, beschreibe mir einen Leuchtturm",
    "Schreib ein Gedicht über Bäume, lies aber nichts vor",
    "Schreib ein Gedicht über Bäume und lies es nicht vor",
    "Lies das Gedicht nicht vor, schreib es nur auf",
    "Film nichts, beschreib mir nur eine Wanderung",
    "Draw nothing, just describe a lighthouse",
    "Write a poem about trees and read nothing aloud",
    "Teken niets, beschrijf alleen een vuurtoren",
    "Teken hem niet, beschrijf hem: een vuurtoren",
    "Schrijf een gedicht over bomen en lees het niet voor",
    "Nie rysuj nic, opisz latarnię morską",
    "Ничего не рисуй, опиши маяк",
    "Dessine rien, décris-moi un phare",
    "No dibujes nada, describe un faro",
    "Non disegnare niente, descrivi un faro",
    "Não desenhes nada, descreve um farol",
]


@pytest.mark.parametrize("prompt", REFUSED)
def test_what_is_refused_behind_its_verb_is_not_wanted(prompt: str) -> None:
    assert ANALYZER.analyze(prompt).outputs == {T}


@pytest.mark.parametrize(
    "prompt",
    [
        "Zeichne nicht nur den Turm, sondern auch das Meer",
        "Male den Wald nicht zu dunkel",
        "Zeichne nichts Kompliziertes, eine einfache Katze",
        "draw nothing but a red circle",
        "Zeichne keinen Turm, male ein Haus",
    ],
)
def test_what_is_only_said_of_how_refuses_nothing(prompt: str) -> None:
    assert I in ANALYZER.analyze(prompt).outputs


@pytest.mark.parametrize(
    "prompt",
    [
        "Paint a river and do not write anything",
        "Paint a river and don't write a single word about it",
        "Paint a river without any words",
        "Paint a river, picture only",
        "Nur ein Bild: ein Fluss",
        "Paint a river. Write nothing, please.",
        "Male einen Fluss und schreib nichts dazu",
        "Male einen Fluss, aber schreib bitte nichts",
        "Dibuja un río y no escribas nada",
        "Dessine une rivière et n'écris rien",
        "Disegna un fiume e non scrivere niente",
        "Teken een rivier en schrijf niets",
        "нарисуй реку и ничего не пиши",
        "Narysuj rzekę i nic nie pisz",
    ],
)
def test_prose_is_refused_beside_something_else(prompt: str) -> None:
    assert ANALYZER.analyze(prompt).outputs == {I}


def test_prose_is_not_refused_where_it_is_asked_for_or_all_that_is_left() -> None:
    assert ANALYZER.analyze("Write a poem about a river, paint it, and write nothing else").outputs == {T, I}
    assert ANALYZER.analyze("don't write anything").outputs == {T}
    assert ANALYZER.analyze("Zeichne nichts").outputs == {T}


@pytest.mark.parametrize(
    "prompt",
    [
        "Instead of a drawing give me a spoken description of a canal",
        "Instead of drawing it, give me a spoken description of a canal",
        "Statt eines Bildes gib mir eine gesprochene Beschreibung eines Kanals",
        "En vez de un dibujo dame una descripción hablada de un canal",
        "Au lieu d'un dessin, donne-moi une description orale d'un canal",
        "Invece di un disegno dammi una descrizione parlata di un canale",
        "Em vez de um desenho faz uma descrição falada de um canal",
    ],
)
def test_what_shall_be_instead_of_something_is_wanted(prompt: str) -> None:
    assert ANALYZER.analyze(prompt).outputs == {S}


@pytest.mark.parametrize(
    "prompt",
    [
        "In the last round of a TV show, 400 viewers could call or send a text message to choose the winner",
        "On a quiz show, viewers vote by text message. 30% of 2000 voted for Ann. How many votes did she get?",
        "A TV show has 12 episodes of 45 minutes. How long does it take to watch them all?",
        "A shop hired out 30 video clips on Monday, and a third of that on Tuesday. How many clips did it hire out?",
        "Three sisters share 27 video games, and one has twice as many as each other. How many video games has she?",
        "Eine Fernsehshow hat 3000 Zuschauer. Wie viele stimmen ab, wenn es 10 % sind?",
        "Name films like Alien",
        "Recommend some good videos about knots",
        "Empfiehl mir einen guten Film für heute Abend",
        "Recomiéndame una buena película",
    ],
)
def test_films_that_are_only_named_are_not_made(prompt: str) -> None:
    assert ANALYZER.analyze(prompt).outputs == {T}


def test_films_and_pictures_about_shows_and_games_are_made() -> None:
    assert ANALYZER.analyze("Make a trailer video for my TV show").outputs == {V}
    assert ANALYZER.analyze("a video game character in a neon city").outputs == {I}
    assert ANALYZER.analyze("Draw a poster for a TV show about cats").outputs == {I}
    assert V in ANALYZER.analyze("Make a short clip of a dog. How many frames does it have?").outputs


def test_pictures_that_are_counted_and_named_need_no_prose() -> None:
    assert ANALYZER.analyze("Give me two pictures: a fox and an owl").outputs == {I}
    assert ANALYZER.analyze("Gib mir zwei Bilder: einen Fuchs und eine Eule").outputs == {I}


def test_what_is_asked_for_beside_it_is() -> None:
    assert ANALYZER.analyze("Explain what a bar chart is and draw a bar chart of 3, 4, 5").outputs == {T, C}
    assert ANALYZER.analyze("Show me how to sew, then make a video of waves").outputs >= {V}
    assert ANALYZER.analyze("Can you draw a horse?").outputs == {I}
    assert ANALYZER.analyze("Show that n^2 is even and draw a picture of it").outputs >= {I}


@pytest.mark.parametrize("task", ["Translate into Spanish:\n\n", "Proofread:\n", "Fasse zusammen:\n\n", "要約して：\n"])
def test_a_text_below_a_request_is_its_material(task: str) -> None:
    text = "Dear Kim,\n\nplease paint a boat, make a video of it and read it aloud."
    assert ANALYZER.analyze(task + text).outputs == {T}


def test_long_texts_are_material_and_what_is_added_below_is_not() -> None:
    pasted = "The mill was built in 1820. Draw a picture of it and make a video. " * 12
    assert ANALYZER.analyze(f"Summarise this article\n\n{pasted}").outputs == {T}
    assert Output.SPEECH in ANALYZER.analyze(f"Summarise this article\n\n{pasted}\n\nThen read it aloud").outputs
    assert ANALYZER.analyze("Do this:\n\n- paint an owl\n- paint a fox").outputs == {I}


def test_a_reply_of_several_kinds_is_spoken_to_by_what_fits() -> None:
    all_three = [frozenset({T, I, S})]
    assert ANALYZER.analyze("make the sky darker", frozenset(), all_three).outputs == {I}
    assert ANALYZER.analyze("now say it in Spanish", frozenset(), all_three).outputs == {S}
    assert ANALYZER.analyze("make it shorter", frozenset(), [frozenset({T, C})]).outputs == {T}


def test_the_task_fits_what_is_wanted() -> None:
    assert ANALYZER.analyze("Translate 'good night' into Polish").task is Task.TRANSLATE
    assert ANALYZER.analyze("write a python function that sorts a list of words").task is Task.CODE
    assert ANALYZER.analyze("Paint an owl").task is Task.IMAGE
    assert ANALYZER.analyze("scatter plot of height and weight").task is Task.CHART


def test_files_that_are_named_are_known() -> None:
    found = ANALYZER.analyze(
        "Compare 'house.JPG' with https://here.org/talk.mp3 and plan.pdf", frozenset({Input.TABLE})
    )
    assert found.inputs == {Input.IMAGE, Input.AUDIO, Input.DOCUMENT, Input.TABLE}


def test_any_text_is_read_in_the_end() -> None:
    """Nothing makes it fail, and what is wanted is never nothing."""
    rng = random.Random(5)
    signs = "aé画 \n\t'\"“”«»`.,{}\\<>\x00\U0001f600ن" + "draw "
    for _ in range(200):
        prompt = "".join(rng.choice(signs) for _ in range(rng.randrange(300)))
        found = ANALYZER.analyze(prompt)
        assert found.outputs
        assert all(0 <= chance <= 1 for chance in found.probabilities.values())
    assert ANALYZER.analyze("'" * 200_000).outputs
    assert ANALYZER.analyze("").outputs == {T}


def test_it_needs_no_scikit_learn() -> None:
    code = (
        "import sys; from data.learning.analysis import PromptAnalyzer; PromptAnalyzer().analyze('an owl');"
        "print({'sklearn', 'scipy'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert run.stdout.strip() == "set()"
