"""What prompts refer to, in six languages: the right thing, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.chat.planning.references import resolve
from data.values.messages import Utterance
from data.values.parts import Part, StepPart, TextPart, ToolResultPart
from data.values.plans import Action, Input, Step, StepState
from tests.planning import house
from tests.planning.house import BOTH, CHARTED, DOG, OLD, POEM, TABLE, TWO, conversation, outputs, picture

CHANGES = """make the sky darker|darker please|remove the background
add a hat|now at night|crop it|turn it into a watercolour
now with a red hat|in black and white|can you make it look like a painting?|give me a variation|same but with a cat
another one like it but at night|draw another one|paint the dog from behind|make it foggy|the same dog, but on a hill
zoom out a bit|change the colour of the sky to pink|a bit brighter|could you flip it horizontally
could we have that with a full moon|give it a vintage feel|less saturated|what about a version in winter?
put sunglasses on him|the dog should be black|swap the beach for a forest|can you do one at night instead
ohne den Hund|und jetzt im Winter|das Ganze als Comic|más luminoso por favor|ahora de noche|sin el perro
un peu plus clair|maintenant de nuit|la même chose en hiver|più luminosa|ora di notte|senza il cane|agora à noite
nochmal, aber in blau|mach den Himmel dunkler|mach daraus ein Aquarell|entferne den Hintergrund|heller bitte
mach es bunter|das Bild bitte in Schwarzweiß|ersetze den Hund durch eine Katze|füge einen Hut hinzu
hazlo más oscuro|quita el fondo|ponle un sombrero
haz el cielo más oscuro|otra vez, pero de noche|conviértelo en acuarela
rends le ciel plus sombre|enlève le fond|la même image mais de nuit|mets-le en noir et blanc|ajoute un chapeau
rendi il cielo più scuro|togli lo sfondo|rendilo più luminoso|aggiungi un cappello|di nuovo, ma di notte
deixa o céu mais escuro|tira o fundo|coloca um chapéu|de novo, mas em azul|transforma isso em aquarela"""

NEW = """draw a cat|a portrait of an old man
make me a logo for a bakery|draw a house with a tree next to it|now draw a cat
an orange pickup truck next to a yellow Porsche 911|draw Berlin as if it were 2100|paint a cat on the table
a robot that holds a sign with its name on it|draw my cat|Draw the Eiffel Tower at sunset|create an image of a harbour
draw a cat and make it blue|generate a picture of a woman reading a book
draw a beach at sunset with palm trees|logo idea: a coffee cup with steam|now let's draw a castle
create a picture that shows the life of bees|an illustration for my book about the war|un castello sul mare
zeichne mir jetzt ein Schloss|ein Hund im Anzug|un perro con sombrero|un château fort au bord de la mer
zeichne eine Katze mit einem Ball in ihrem Maul|ein Bild von einem Schiff, bitte
male einen Drachen|es war einmal ein König
dibuja un gato|una imagen de un castillo|pinta un barco en el mar|quiero un logo para mi panadería
dessine un chat dans un jardin|une image d'un château|disegna un gatto|un'immagine di una nave
desenha um gato|uma imagem de um castelo"""

SPOKEN = """read your last answer aloud|now say it in Spanish
read the poem aloud|read it out loud in a deep voice|narrate that
can you read this to me?|I'd love to hear it|read that again, slowly|say it louder
speak it|let me listen to that|audio version please|say that in a pirate voice|kann ich das hören?|als Audio bitte
puedes leérmelo?|version audio s'il te plaît|puoi leggermelo?|em áudio, por favor
lies es vor|lies das Gedicht vor|kannst du mir das vorlesen?|lies deine letzte Antwort vor|sag das nochmal auf Englisch
léelo en voz alta|lee el poema en voz alta|dilo en inglés|quiero escucharlo|lee tu última respuesta
lis-le à voix haute|lis ce poème|j'aimerais entendre le poème|dis-le en anglais|peux-tu le lire à voix haute ?
leggilo ad alta voce|leggi la poesia ad alta voce|dillo in inglese|vorrei ascoltarlo
leia o poema em voz alta|leia-o em voz alta|quero ouvir o poema"""

PAINTED = """paint it|illustrate the poem|a picture of the poem|draw the fox|draw the bridge|a picture of that, please
mal das bitte|zeichne das Gedicht|ein Bild davon|píntalo|ilustra el poema|una imagen de eso
illustre-le|dessine ce poème|dipingilo|un'immagine della poesia|pinta o poema|uma imagem disso"""

PLOTTED = """plot that instead|plot the table|chart it
draw a chart of that|revenue by month|make a bar chart from the table
stell das als Diagramm dar|zeichne die Tabelle als Diagramm
grafica la tabla|haz un gráfico de eso|trace un graphique du tableau
what does that look like as a bar chart|als Balkendiagramm bitte|come grafico a torta|em forma de gráfico
fai un grafico della tabella|faça um gráfico da tabela|show it as a pie chart"""


HERE = "Here is the cat that you want."


def names(prompt: str, wanted: str, history: Sequence[Utterance], attached: Sequence[Part] = ()) -> list[str]:
    return [each.name for each in resolve(prompt, outputs(wanted), history, attached).earlier]


def lines(text: str) -> list[str]:
    return [each for line in text.splitlines() for each in line.split("|")]


@pytest.mark.parametrize("prompt", lines(CHANGES))
def test_a_change_is_of_the_picture(prompt: str) -> None:
    assert names(prompt, "image", DOG) == ["dog.png"]


@pytest.mark.parametrize("prompt", lines(CHANGES))
def test_a_change_is_of_the_picture_that_stands_beside_a_poem_too(prompt: str) -> None:
    history = conversation("poem and picture", (TextPart(house.WORDS), picture("dog.png", house.BEACH)))
    if prompt not in {"mach daraus ein Aquarell", "paint the dog from behind"}:
        assert names(prompt, "image", history) == ["dog.png"]


@pytest.mark.parametrize("prompt", lines(NEW))
@pytest.mark.parametrize("history", [DOG, POEM, BOTH, TABLE], ids=["picture", "poem", "both", "table"])
def test_a_new_picture_refers_to_nothing(prompt: str, history: list[Utterance]) -> None:
    assert names(prompt, "image", history) == []


@pytest.mark.parametrize("prompt", lines(SPOKEN))
def test_what_is_to_be_heard_is_the_last_text(prompt: str) -> None:
    found = resolve(prompt, outputs("speech"), POEM, ())
    assert [each.text for each in found.earlier] == [house.WORDS]
    assert not found.doubtful


@pytest.mark.parametrize("prompt", lines(PAINTED))
def test_what_is_to_be_painted_is_the_poem(prompt: str) -> None:
    assert [each.kind for each in resolve(prompt, outputs("image"), POEM, ()).earlier] == [Input.TEXT]


@pytest.mark.parametrize("prompt", lines(PLOTTED))
def test_what_is_to_be_drawn_as_a_chart_is_the_table(prompt: str) -> None:
    found = resolve(prompt, outputs("chart"), TABLE, ())
    assert [(each.kind, each.text) for each in found.earlier] == [(Input.TABLE, "month,revenue\nJan,1\nFeb,2\n")]


@pytest.mark.parametrize(
    ("prompt", "wanted", "history", "meant"),
    [
        ("the first picture in blue", "image", TWO, ["a.png"]),
        ("the second one in blue", "image", TWO, ["b.png"]),
        ("das erste Bild, aber dunkler", "image", TWO, ["a.png"]),
        ("la segunda imagen en azul", "image", TWO, ["b.png"]),
        ("la première image en bleu", "image", TWO, ["a.png"]),
        ("la prima immagine in blu", "image", TWO, ["a.png"]),
        ("a segunda imagem em azul", "image", TWO, ["b.png"]),
        ("the castle at night", "image", TWO, ["b.png"]),
        ("make the harbour foggy", "image", TWO, ["a.png"]),
        ("combine both pictures", "image", TWO, ["a.png", "b.png"]),
        ("kombiniere beide Bilder", "image", TWO, ["a.png", "b.png"]),
        ("combina las dos imágenes", "image", TWO, ["a.png", "b.png"]),
        ("combine les deux images", "image", TWO, ["a.png", "b.png"]),
        ("make them brighter", "image", TWO, ["a.png", "b.png"]),
        ("combine the harbour and the castle", "image", OLD, ["harbour.png", "castle.png"]),
        ("the last picture but one, in blue", "image", OLD, ["harbour.png"]),
        ("das vorletzte Bild in Blau", "image", OLD, ["harbour.png"]),
        ("animate harbour.png", "video", OLD, ["harbour.png"]),
        ("animate the harbour", "video", OLD, ["harbour.png"]),
        ("make a video of the castle", "video", OLD, ["castle.png"]),
        ("chart the dog", "chart", DOG, []),
        ("as a pie chart instead", "chart", CHARTED, ["Sales by month"]),
        ("explain the chart", "text", CHARTED, ["Sales by month"]),
        ("what does that table say?", "text", TABLE, ["Sales"]),
        ("plot the population of Spain since 1950", "chart", TABLE, []),
        ("animate it", "video", DOG, ["dog.png"]),
        ("anímalo", "video", DOG, ["dog.png"]),
        ("anime-la", "video", DOG, ["dog.png"]),
        ("mach ein Video daraus", "video", DOG, ["dog.png"]),
        ("what time is it in Tokyo", "text", DOG, []),
    ],
)
def test_which_one(prompt: str, wanted: str, history: list[Utterance], meant: list[str]) -> None:
    assert names(prompt, wanted, history) == meant


@pytest.mark.parametrize(
    ("prompt", "wanted", "attached", "meant"),
    [
        ("make it darker", "image", [house.PHOTO], ["photo.jpg"]),
        ("combine these", "image", [house.PHOTO, house.SCAN], ["photo.jpg", "scan.png"]),
        ("the first one in blue", "image", [house.PHOTO, house.SCAN], ["photo.jpg"]),
        ("put this on the last picture", "image", [house.PHOTO], ["dog.png", "photo.jpg"]),
        ("combine both pictures", "image", [house.PHOTO], ["dog.png", "photo.jpg"]),
        ("make the sky of dog.png darker", "image", [house.PHOTO], ["dog.png"]),
        ("plot revenue by month", "chart", [house.CSV], ["sales.csv"]),
        ("read it to me", "speech", [house.NOTES], ["notes.txt"]),
        ("read it to me", "speech", [house.PDF], ["report.pdf"]),
        ("draw what is said in it", "image", [house.HEARD], ["heard.mp3"]),
    ],
)
def test_what_came_with_the_prompt_comes_first(
    prompt: str, wanted: str, attached: list[Part], meant: list[str]
) -> None:
    assert names(prompt, wanted, DOG, attached) == meant


def test_in_doubt_it_says_which_one_it_took() -> None:
    found = resolve("make it darker", outputs("image"), OLD, ())
    assert [each.name for each in found.earlier] == ["castle.png"]
    assert found.doubtful
    assert found.said == "Took the picture “castle.png” of the last reply but one."


def test_one_of_two_pictures_in_one_reply_is_a_doubt() -> None:
    assert resolve("animate it", outputs("video"), TWO, ()).doubtful
    assert not resolve("animate the castle", outputs("video"), TWO, ()).doubtful


def test_a_picture_that_was_changed_twice_is_no_doubt() -> None:
    again = conversation("a dog", (picture("one.png"),), "darker", (picture("two.png"),))
    found = resolve("even darker", outputs("image"), again, ())
    assert [each.name for each in found.earlier] == ["two.png"]
    assert not found.doubtful


def test_parts_of_steps_and_of_tools_are_things_too() -> None:
    step = Step("draw-1", Action.DRAW, "a dog")
    history = conversation(
        "a dog", (StepPart(step, StepState.DONE, (picture("step.png"),)),),
        "a cat", (ToolResultPart("1", (TextPart("drew"), picture("tool.png"))), TextPart(HERE)),
    )  # fmt: skip
    assert names("make it darker", "image", history) == ["tool.png"]
    assert names("make the first picture darker", "image", history) == ["step.png"]
    assert names("read it aloud", "speech", history) == [HERE]


def test_a_text_of_the_person_is_meant_when_they_say_mine() -> None:
    history = conversation("Here is my poem: roses are red and violets are blue", "What a nice poem, thank you for it!")
    assert [each.text for each in resolve("read my poem aloud", outputs("speech"), history, ()).earlier] == [
        "roses are red and violets are blue"
    ]


def test_a_long_text_is_bounded_and_a_chart_comes_as_its_numbers() -> None:
    history = conversation("x", "word " * 20_000)
    assert len(resolve("read it aloud", outputs("speech"), history, ()).earlier[0].text) == 20_000
    assert resolve("as a line", outputs("chart"), CHARTED, ()).earlier[0].text == "x,y\nJan,3\nFeb,4\n"


def test_without_a_conversation_nothing_is_meant() -> None:
    assert names("make it darker", "image", ()) == []
