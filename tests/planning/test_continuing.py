"""Short prompts that mean something of before: what they ask for, and of what it is made."""

from __future__ import annotations

import pytest

from core.chat.planning.continuing import changes_picture, heard_again, understood
from core.chat.planning.planner import Planner, Request
from data.learning.analysis import PromptAnalyzer
from data.values.media import Blob
from data.values.parts import AudioPart, ImagePart, Part, TextPart
from data.values.plans import Output
from data.values.tasks import Task
from tests.planning.house import ALICE, CHAT, FakeMakers, conversation, outputs, picture, shape

ANALYZER = PromptAnalyzer()
HAIKU = "Grey heron waiting,\nthe river holds its breath now,\none ripple, then none."
SPANISH = "Garza gris que espera, el río contiene el aliento."


def voice(name: str, words: str) -> AudioPart:
    return AudioPart(Blob(name.encode().hex(), "audio/wav", 1), name, 3.0, words)


Turn = tuple[str, tuple[Part, ...]]
WRITTEN: Turn = ("Write a haiku about a heron", (TextPart(HAIKU),))
SPOKEN: Turn = ("Write a haiku about a heron and read it aloud", (TextPart(HAIKU), voice("heron.wav", HAIKU)))
ALL_THREE: Turn = (
    "Write a haiku about a heron, paint it and read it aloud",
    (TextPart(HAIKU), picture("heron.png", "a heron in a river"), voice("heron.wav", HAIKU)),
)
PAINTED: Turn = ("paint it", (picture("heron.png", "a heron in a river"),))
READ: Turn = ("read it aloud", (voice("heron.wav", HAIKU),))
DARKER: Turn = ("make the sky darker", (picture("darker.png", "a heron under a dark sky"),))
IN_SPANISH: Turn = ("now read it aloud in Spanish", (TextPart(SPANISH), voice("garza.wav", SPANISH)))
BARN: Turn = ("Draw a barn", (picture("barn.png", "a red barn in a field"),))
FOX: Turn = ("Draw a fox", (picture("fox.png", "a fox"),))
OWL: Turn = ("Draw an owl", (picture("owl.png", "an owl"),))
KINDS = {TextPart: "text", ImagePart: "image", AudioPart: "speech"}


def planned(prompt: str, *turns: Turn) -> str:
    """What becomes of a prompt after these turns, from its words alone."""
    history = conversation(*(each for turn in turns for each in turn))
    earlier = [frozenset(Output(KINDS[type(part)]) for part in parts) for _, parts in turns]
    found = understood(prompt, ANALYZER.analyze(prompt, frozenset(), earlier), frozenset(), earlier)
    return shape(Planner(FakeMakers()).plan(ALICE, Request((TextPart(prompt),), history, found, CHAT)))


def test_the_task_fits_what_the_words_decided() -> None:
    all_three, read = outputs("text image speech"), outputs("text speech")
    for prompt, earlier, task in (
        ("make it brighter", [all_three, read], Task.IMAGE),
        ("now say it in Spanish", [all_three, outputs("image")], Task.SPEECH),
        ("Give me two pictures: a fox and an owl, and a table of their weights as a chart", [], Task.IMAGE),
    ):
        found = understood(prompt, ANALYZER.analyze(prompt, frozenset(), earlier), frozenset(), earlier)
        assert found.task is task
        assert sum(found.tasks.values()) == pytest.approx(1)


SAID = """now say it in Spanish|say it in Spanish, please|can you say it in Spanish?|now read it aloud in Spanish
sag es auf Spanisch|jetzt sag das auf Spanisch|dis-le en espagnol|maintenant dis-le en anglais|redis-le en anglais
dilo en inglés|ahora dilo en alemán|dillo in spagnolo|diz isso em espanhol|diga-o em espanhol|sing it in French
puoi dirlo in inglese?|puedes decirlo en inglés?|peux-tu le dire en anglais ?|kannst du es auf Spanisch sagen?
I want to hear it in Japanese|ich möchte es auf Japanisch hören|quiero oírlo en francés|vorrei ascoltarlo in inglese
je veux l'entendre en italien|quero ouvir isso em inglês|let me hear that in French"""


def each(lines: str) -> list[str]:
    return [prompt for line in lines.splitlines() for prompt in line.split("|")]


@pytest.mark.parametrize("prompt", each(SAID))
def test_what_is_said_in_another_language_are_the_last_words_whatever_came_since(prompt: str) -> None:
    assert planned(prompt, ALL_THREE, DARKER) == "write:text speak<write-1"
    assert planned(prompt, WRITTEN, PAINTED) == "write:text speak<write-1"
    assert planned(prompt, WRITTEN, PAINTED, READ, DARKER) == "write:heron.wav speak<write-1"
    assert planned(prompt, BARN) == "write:barn.png speak<write-1"


@pytest.mark.parametrize(
    "prompt",
    each(
        "now in Spanish|auf Spanisch bitte|und auf Französisch?|jetzt nochmal auf Englisch|y en francés?"
        "|en anglais s'il te plaît|in French too|e in inglese?|agora em inglês"
        "|the same in Spanish|das Gleiche auf Spanisch|lo mismo en inglés|la même chose en anglais"
    ),
)
def test_another_language_alone_is_the_words_again_as_they_came(prompt: str) -> None:
    assert planned(prompt, ALL_THREE, DARKER) == "write:text speak<write-1"
    assert planned(prompt, WRITTEN, PAINTED) == "-"


@pytest.mark.parametrize(
    "prompt",
    each(
        "now read the haiku in Spanish|say the haiku in Spanish|lies das Haiku auf Spanisch|lee el haiku en inglés"
        "|lis le haïku en espagnol|leggi la poesia in inglese|leia o poema em inglês|sag das Haiku auf Spanisch"
    ),
)
def test_a_text_that_was_heard_is_heard_in_another_language(prompt: str) -> None:
    assert planned(prompt, SPOKEN) == "write:text speak<write-1"
    assert planned(prompt, ALL_THREE) == "write:text speak<write-1"
    assert planned(prompt, ALL_THREE, DARKER) == "write:text speak<write-1"


@pytest.mark.parametrize(
    "prompt", each("read the haiku again, slowly|lies das Haiku nochmal, langsam|relis le haïku lentement")
)
def test_a_text_that_was_heard_is_heard_again(prompt: str) -> None:
    assert planned(prompt, SPOKEN) == "speak:text"
    assert planned(prompt, WRITTEN, READ) == "speak:text"


@pytest.mark.parametrize("prompt", ["say it louder", "lies es langsamer", "read it slower"])
def test_a_voice_is_not_changed_but_reads_again(prompt: str) -> None:
    assert planned(prompt, WRITTEN, READ) == "speak:heron.wav"


@pytest.mark.parametrize(
    "prompt",
    each(
        "make it brighter|make it brighter and warmer|mach es heller|hazlo más claro|rends-la plus claire"
        "|make the picture black and white|could you make the picture brighter?"
        "|brighter please|heller bitte|etwas dunkler|make it sepia|make it black and white|rotate it by 90 degrees"
        "|flip it"
        "|turn it upside down|crop it to a square|mach es schwarzweiß|mets-la en noir et blanc|hazlo en blanco y negro"
    ),
)
def test_a_picture_is_changed_though_words_were_read_since(prompt: str) -> None:
    assert planned(prompt, ALL_THREE, DARKER, IN_SPANISH) == "edit:darker.png"


@pytest.mark.parametrize(
    ("prompt", "steps"),
    [
        ("read the haiku and make the sky darker", "speak:text edit:heron.png"),
        ("make the sky darker and read the haiku again", "edit:heron.png speak:text"),
        ("make it brighter and say it in Spanish", "edit:heron.png write:text speak<write-1"),
        ("mach den Himmel heller und sag das Haiku auf Spanisch", "edit:heron.png write:text speak<write-1"),
        ("haz el cielo más oscuro y dilo en inglés", "edit:heron.png write:text speak<write-1"),
        ("rends le ciel plus sombre, puis dis-le en anglais", "edit:heron.png write:text speak<write-1"),
        ("say it in Spanish and draw a fox", "write:text speak<write-1 draw"),
        ("make the sky darker and plot 3, 4, 5", "edit:heron.png chart"),
    ],
)
def test_each_wish_of_a_prompt_means_its_own_part_of_before(prompt: str, steps: str) -> None:
    assert planned(prompt, ALL_THREE) == steps


@pytest.mark.parametrize(
    "prompt",
    each(
        "make both pictures black and white|make both black and white|make them both brighter"
        "|make all the pictures black and white|make all of them brighter|turn every picture into a watercolour"
        "|turn both pictures into watercolours|crop both to a square|mach beide Bilder schwarz-weiß|mach beide heller"
        "|mach beide Bilder zu einem Aquarell|jedes Bild bitte in Schwarzweiß|haz las dos imágenes en blanco y negro"
        "|convierte las dos imágenes en una acuarela|mets les deux images en noir et blanc"
        "|metti entrambe le immagini in bianco e nero|deixa as duas imagens em preto e branco"
        "|make the fox and the owl brighter"
    ),
)
def test_what_is_asked_of_several_pictures_is_done_to_each(prompt: str) -> None:
    assert planned(prompt, FOX, OWL) == "edit:fox.png edit:owl.png"


@pytest.mark.parametrize(
    "prompt",
    [
        "Give me two pictures: a fox and an owl, and a table of their weights as a chart",
        "Gib mir zwei Bilder: ein Fuchs und eine Eule, und eine Tabelle ihrer Gewichte als Diagramm",
        "Dame dos imágenes: un zorro y un búho, y una tabla de sus pesos como gráfico",
        "Draw two pictures: a fox and an owl, and plot their weights as a bar chart",
    ],
)
def test_no_text_is_added_where_only_pictures_and_a_chart_are_asked_for(prompt: str) -> None:
    assert planned(prompt) == "draw draw chart"


@pytest.mark.parametrize(
    "prompt",
    each(
        "combine both pictures into one|put both pictures side by side|make one picture of both|put them together"
        "|make a collage of both pictures|mach aus beiden Bildern eins|combina las dos imágenes en una sola"
        "|setze beide Bilder nebeneinander"
        "|combine the fox and the owl|put the fox and the owl side by side"
    ),
)
def test_what_is_put_together_is_one_picture(prompt: str) -> None:
    assert planned(prompt, FOX, OWL) == "edit:fox.png:owl.png"


@pytest.mark.parametrize(
    ("prompt", "earlier"),
    [
        ("now say it in Spanish", ["text"]),
        ("how do you say it in Italian?", ["image"]),
        ("wie sagt man das auf Spanisch?", ["image"]),
        ("cómo se dice eso en inglés?", ["image"]),
        ("what does it say in Spanish?", ["text image"]),
        ("I want it darker", ["text image speech"]),
        ("don't say it in Spanish", ["text image speech"]),
        ("read the haiku and tell me what it means", ["text speech"]),
        ("dime qué significa", ["text speech"]),
        ("translate it into Spanish", ["text image"]),
        ("a Spanish village at night", ["image"]),
        ("say 'good morning' in Spanish", ["image"]),
        ("now in the Spanish style", ["text image"]),
        ("in Spanish", ["image"]),
        ("say it in Spanish", []),
    ],
)
def test_what_is_not_to_be_heard_again(prompt: str, earlier: list[str]) -> None:
    assert heard_again(prompt, [outputs(held) for held in earlier]) is not Output.SPEECH


@pytest.mark.parametrize(
    ("prompt", "earlier"),
    [
        ("make the sky darker", ["text image speech"]),
        ("can you make the sky a bit darker?", ["text image"]),
        ("make it brighter", ["image", "speech"]),
        ("mach den Himmel dunkler", ["image"]),
        ("make it darker", ["text", "image", "speech", "speech"]),
        ("make it brighter", ["image", "text speech"]),
        ("put both pictures side by side", ["image", "image"]),
    ],
)
def test_a_picture_is_changed_in_so_many_words(prompt: str, earlier: list[str]) -> None:
    assert changes_picture(prompt, [outputs(each) for each in earlier])


@pytest.mark.parametrize(
    ("prompt", "earlier"),
    [
        ("make it darker", ["text"]),
        ("make the sky darker", ["image", "text"]),
        ("make it shorter", ["text image"]),
        ("turn the picture into a poem", ["image"]),
        ("make a video of the picture", ["image"]),
        ("make it louder", ["image", "speech"]),
        ("why is the sky darker at night?", ["image"]),
        ("don't make the sky darker", ["image"]),
        ("make the poem about the moon sadder", ["text image"]),
        ("make it darker", []),
    ],
)
def test_a_picture_is_not_what_is_to_be_changed(prompt: str, earlier: list[str]) -> None:
    assert not changes_picture(prompt, [outputs(each) for each in earlier])
