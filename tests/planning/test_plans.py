"""What becomes of prompts: the steps, what each uses, what it takes of before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from data.values.media import Blob
from data.values.messages import Utterance
from data.values.parts import Part, VideoPart
from data.values.plans import Action, Input, Plan, Step
from tests.planning import house
from tests.planning.house import ALL, BOTH, CHARTED, CSV, DOG, OLD, PHOTO, POEM, TABLE, TWO, planned, shape

CHAIN = "write draw<write-1 speak<write-1"
FRESH = [
    (
        "Écris un haïku sur un moulin, puis dessine-le, et enfin lis-le à voix haute",
        "text image speech",
        "write draw<write-1 speak<write-1",
    ),
    (
        "Escreva um poema sobre um moinho, depois faça um desenho e por fim lê em voz alta",
        "text image speech",
        "write draw<write-1 speak<write-1",
    ),
    ("Write a haiku about autumn, paint it and read it aloud", "text image speech", CHAIN),
    ("Schreib ein Gedicht über den Herbst, male es und lies es vor", "text image speech", CHAIN),
    ("Escribe un haiku sobre el otoño, píntalo y léelo en voz alta", "text image speech", CHAIN),
    ("Écris un haïku sur l'automne, peins-le et lis-le à voix haute", "text image speech", CHAIN),
    ("Scrivi una poesia sul mare, dipingila e leggila ad alta voce", "text image speech", CHAIN),
    ("Escreva um poema sobre o mar, pinte-o e leia em voz alta", "text image speech", CHAIN),
    ("Write a haiku, then paint the scene, then narrate it in a calm voice.", "text image speech", CHAIN),
    ("A haiku about autumn, with a painting and a voice-over", "text image speech", CHAIN),
    ("Write a story about a dragon and illustrate it", "text image", "write draw<write-1"),
    ("Write and illustrate a short story about a fox", "text image", "write draw"),
    ("Write a story about a dragon and draw the dragon", "text image", "write draw<write-1"),
    ("Write a poem about the sea and a picture of a fox", "text image", "write draw"),
    ("Tell me about Kyoto and show me a picture of a temple", "text image", "write draw"),
    ("Erkläre mir Vulkane und zeichne dazu ein Bild", "text image", "write draw<write-1"),
    ("Explique les volcans et montre-moi une image", "text image", "write draw<write-1"),
    ("a picture of a fox and a poem about it", "text image", "draw write"),
    ("Pinta un gato y escribe un poema sobre él", "text image", "draw write"),
    ("Disegna il Colosseo e spiegami la sua storia", "text image", "draw write"),
    ("can you draw me a cat wearing a hat? also tell me a fun fact about cats", "text image", "draw write"),
    ("Explain photosynthesis with a diagram", "text image", "write draw<write-1"),
    ("Write a poem and read it aloud", "speech", "write speak<write-1"),
    ("Tell me a bedtime story about a bear, out loud", "speech", "write speak<write-1"),
    ("Tell me a bedtime story about a bear, out loud", "text speech", "write speak<write-1"),
    ("Tell me a joke and say it out loud", "text speech", "write speak<write-1"),
    ("A haiku and a limerick about cats, and read both aloud", "text speech", "write write speak<write-1<write-2"),
    ("Write a haiku and a limerick, and read the limerick aloud", "text speech", "write write speak<write-2"),
    ("Say 'good morning'", "speech", "speak"),
    ("Say good morning", "speech", "speak"),
    ("Sag „Guten Morgen“", "speech", "speak"),
    ("Say 'good morning' in Spanish", "speech", "write speak<write-1"),
    ("Draw a fox and say hello", "image speech", "draw speak"),
    ("Read this aloud:\n\nThe quick brown fox jumps over the lazy dog.", "speech", "speak"),
    ("Write a poem in English and read it aloud in German", "text speech", "write write<write-1 speak<write-2"),
    (
        "Write a poem about autumn and read it aloud in English and Spanish", "text speech",
        "write speak<write-1 write<write-1 speak<write-2",
    ),
    ("draw a lighthouse and describe it in a voice-over", "image speech", "draw write<draw-1 speak<write-1"),
    ("Dessine un dragon, raconte son histoire et lis-la à voix haute", "text image speech", "draw write speak<write-1"),
    ("draw a cat", "image", "draw"),
    ("an orange pickup truck next to a yellow Porsche 911", "image", "draw"),
    ("two pictures: a fox and an owl", "image", "draw draw"),
    (
        "Give me two pictures: a fox and an owl, and a table of their weights as a chart", "image chart",
        "draw draw chart",
    ),
    (
        "Gib mir zwei Bilder: ein Fuchs und eine Eule, und eine Tabelle ihrer Gewichte als Diagramm", "image chart",
        "draw draw chart",
    ),
    ("Dame dos imágenes: un zorro y un búho, y una tabla de sus pesos como gráfico", "image chart", "draw draw chart"),
    ("Male einen Fluss und schreib nichts dazu", "image", "draw"),
    ("Paint a river, picture only", "image", "draw"),
    ("Dibuja un río, sólo la imagen", "image", "draw"),
    ("three pictures of cats", "image", "draw draw draw"),
    ("drei Bilder: ein Fuchs, eine Eule und ein Hase", "image", "draw draw draw"),
    ("Draw a fox. Then draw an owl.", "image", "draw draw"),
    ("Draw a fox. Make it red.", "image", "draw"),
    ("Draw a fox and an owl", "image", "draw"),
    (
        "Create a short story for kids with three illustrations and an audio version", "text image speech",
        "write draw<write-1 draw<write-1 draw<write-1 speak<write-1",
    ),
    ("Paint a sunset and animate it", "image video", "draw film<draw-1"),
    ("a video of a running horse", "video", "film"),
    ("Write a scene about a storm and make a film of it", "text video", "write film<write-1"),
    ("Profit vs. Sales Cluster", "chart", "chart"),
    ("plot sin(x) and cos(x)", "chart", "chart"),
    ("Plot the population of Spain since 1950 and explain what it shows", "text chart", "chart write<chart-1"),
    ("Write a table of the planets and chart their sizes", "text chart", "write chart<write-1"),
    ("Write about bees and chart the honey prices since 2000", "text chart", "write chart"),
    ("Write two short poems, each with its own picture", "text image", "write draw<write-1 draw<write-1"),
    ("sing happy birthday", "text speech", "write speak<write-1"),
    ("compare the GDP of two countries in a bar chart and explain it", "text chart", "chart write<chart-1"),
    ("Faz um desenho de um cavalo e conta uma história em voz alta", "image speech", "draw write speak<write-1"),
    ("generate an image, then describe that image in a poem", "text image", "draw write<draw-1"),
    ("Write a product description for a chair, render the chair, and make a video of it", "text image video",
     "write draw<write-1 film<draw-1"),
    ("Make a slideshow about Rome", "video", "write draw<write-1 draw<write-1 draw<write-1 speak<write-1"),
    ("what is a cat?", "text", "-"),
    ("日本の秋について俳句を書いて、絵を描いて、読み上げて", "text image speech", CHAIN),
]  # fmt: skip

CONTINUED: list[tuple[str, str, list[Utterance], str]] = [
    ("make the sky darker", "image", DOG, "edit:dog.png"),
    ("hazlo más oscuro", "image", DOG, "edit:dog.png"),
    ("draw a cat", "image", DOG, "draw"),
    ("give me 3 variations of it", "image", DOG, "edit:dog.png edit:dog.png edit:dog.png"),
    ("animate it", "video", DOG, "film:dog.png"),
    ("make it darker and read the poem aloud", "image speech", BOTH, "edit:fox.png speak:text"),
    ("paint it", "image", POEM, "draw:text"),
    ("now say it in Spanish", "speech", POEM, "write:text speak<write-1"),
    ("dis-le en anglais", "speech", POEM, "write:text speak<write-1"),
    ("read your last answer aloud", "speech", POEM, "speak:text"),
    ("summarise it and read it aloud", "text speech", POEM, "write:text speak<write-1"),
    ("Beschreibe das Bild und lies die Beschreibung vor", "text speech", DOG, "write:dog.png speak<write-1"),
    ("describe the picture out loud", "speech", DOG, "write:dog.png speak<write-1"),
    ("explain the chart out loud", "speech", CHARTED, "write:Sales by month speak<write-1"),
    ("as a pie chart instead", "chart", CHARTED, "chart:Sales by month"),
    ("turn the poem into a song and sing it", "speech", POEM, "write:text speak<write-1"),
    ("read the last line aloud", "speech", POEM, "write:text speak<write-1"),
    ("put the poem on the picture", "image", BOTH, "edit:fox.png"),
    ("now in the style of Van Gogh", "image", DOG, "edit:dog.png"),
    ("draw a heron in the same style", "image", DOG, "edit:dog.png"),
    ("try again, more realistic", "image", DOG, "edit:dog.png"),
    ("animate both", "video", TWO, "film:a.png film:b.png"),
    ("combine the first and the last picture", "image", OLD, "edit:harbour.png:castle.png"),
    ("go back to the first picture and add a boat", "image", OLD, "edit:harbour.png"),
    ("make the fox bigger", "image", BOTH, "edit:fox.png"),
    ("plot that instead", "chart", TABLE, "chart:Sales"),
    ("plot it and explain it", "text chart", TABLE, "chart:Sales write<chart-1"),
    ("combine both pictures into one", "image", TWO, "edit:a.png:b.png"),
    ("combine the harbour and the castle", "image", OLD, "edit:harbour.png:castle.png"),
]  # fmt: skip

ATTACHED: list[tuple[str, str, list[Part], str]] = [
    ("turn this into a cartoon", "image", [PHOTO], "edit:photo.jpg"),
    ("Describe this photo and turn it into a cartoon", "text image", [PHOTO], "write:photo.jpg edit:photo.jpg"),
    ("What's in this photo? Also draw me a fox.", "text image", [PHOTO], "write:photo.jpg draw"),
    ("combine these", "image", [PHOTO, house.SCAN], "edit:photo.jpg:scan.png"),
    ("animate this", "video", [PHOTO], "film:photo.jpg"),
    ("write a poem about this photo and read it aloud", "text speech", [PHOTO], "write:photo.jpg speak<write-1"),
    ("plot revenue by month", "chart", [CSV], "chart:sales.csv"),
    ("Summarise the attached CSV and plot revenue by month", "text chart", [CSV], "write:sales.csv chart:sales.csv"),
    ("Plot these numbers and explain what they show", "text chart", [CSV], "chart:sales.csv write<chart-1:sales.csv"),
    ("haz un gráfico con estos datos y explícalo", "text chart", [CSV], "chart:sales.csv write<chart-1:sales.csv"),
    ("read it aloud", "speech", [house.NOTES], "speak:notes.txt"),
    ("read this aloud", "speech", [house.PDF], "write:report.pdf speak<write-1"),
    ("Draw what is said in the recording", "image", [house.SOUND], "write:memo.mp3 draw<write-1"),
    ("Draw what is said in the recording", "image", [house.HEARD], "draw:heard.mp3"),
    ("Translate this recording to French and speak it", "speech", [house.SOUND], "write:memo.mp3 speak<write-1"),
    ("transcribe this", "text", [house.SOUND], "-"),
]  # fmt: skip


def plan_of(prompt: str, wanted: str, history: Sequence[Utterance] = (), attached: Sequence[Part] = ()) -> Plan:
    plan = planned(prompt, wanted, history, attached)
    assert plan is not None
    return plan


def only(plan: Plan, action: Action) -> Step:
    (step,) = [step for step in plan.steps if step.action is action]
    return step


@pytest.mark.parametrize(("prompt", "wanted", "steps"), FRESH)
def test_a_first_prompt(prompt: str, wanted: str, steps: str) -> None:
    assert shape(planned(prompt, wanted)) == steps


@pytest.mark.parametrize(("prompt", "wanted", "history", "steps"), CONTINUED, ids=[each[0] for each in CONTINUED])
def test_a_prompt_about_what_was_before(prompt: str, wanted: str, history: list[Utterance], steps: str) -> None:
    assert shape(planned(prompt, wanted, history)) == steps


@pytest.mark.parametrize(("prompt", "wanted", "attached", "steps"), ATTACHED)
def test_a_prompt_about_what_came_with_it(prompt: str, wanted: str, attached: list[Part], steps: str) -> None:
    assert shape(planned(prompt, wanted, (), attached)) == steps


def test_what_nobody_can_make_is_left_out_and_said() -> None:
    plan = planned("Paint a sunset and animate it", "image video", able=ALL - {Action.FILM})
    assert shape(plan) == "draw"
    assert plan is not None
    assert "makes films" in plan.said[0]
    assert "Models page" in plan.said[0]


def test_what_is_switched_off_is_said_to_be_and_no_provider_is_asked_for() -> None:
    plan = planned("Write a haiku and paint a fox", "text image", off=frozenset({Action.DRAW}))
    assert plan is not None
    assert plan.said == (
        "Nothing draws pictures here, so this part is missing: that is switched off. Ask an admin for it.",
    )


def test_where_only_words_are_left_they_say_why() -> None:
    plan = planned("draw a cat", "image", able=frozenset())
    assert shape(plan) == "write"
    assert plan is not None
    assert "draws pictures" in plan.said[0]
    assert "promise none" in plan.steps[0].instruction


def test_a_text_whose_voice_nobody_has_is_still_written() -> None:
    plan = planned("Write a poem and read it aloud", "text speech", able=frozenset())
    assert shape(plan) == "write"
    assert plan is not None
    assert "speaks" in plan.said[0]


def test_a_change_that_nobody_can_make_becomes_a_new_picture() -> None:
    plan = planned("make the sky darker", "image", DOG, able=ALL - {Action.EDIT})
    assert shape(plan) == "draw"
    assert plan is not None
    assert house.BEACH in plan.steps[0].instruction
    assert "Make the sky darker" in plan.steps[0].instruction
    assert "changes pictures" in plan.said[0]


def test_in_doubt_the_reply_says_what_it_took() -> None:
    assert plan_of("make it darker", "image", OLD).said == ("Took the picture “castle.png” of the last reply but one.",)


def test_no_more_than_four_of_a_kind_and_what_was_left_out_is_said() -> None:
    plan = plan_of("nine pictures of cats", "image")
    assert len(plan.steps) == 4
    assert "5 of them were left out" in plan.said[0]


def test_no_more_than_eight_steps() -> None:
    plan = plan_of(
        "Write a haiku and a limerick and a sonnet, three pictures of cats, two charts about bees: honey and wax, "
        "and read all of it aloud, and make a video of it",
        "text image chart speech video",
    )
    assert len(plan.steps) <= 8
    assert any("left out" in each for each in plan.said)


def test_sounds_and_films_that_came_along_are_not_changed() -> None:
    plan = plan_of("remove the noise from this recording", "speech", (), [house.SOUND])
    assert (shape(plan), plan.said) == ("write", ("No model here changes sounds, so this one stays as it is.",))
    film = VideoPart(Blob("f1", "video/mp4", 1), "clip.mp4", 3.0, "a dog runs")
    plan = plan_of("make this video faster", "video", (), [film])
    assert shape(plan) == "write"
    assert "changes films" in plan.said[0]


def test_the_prose_is_told_what_others_make_and_how_it_is_used() -> None:
    plan = plan_of("Schreib ein Gedicht über den Herbst und lies es mit ruhiger Stimme vor", "text speech")
    write, speak = only(plan, Action.WRITE), only(plan, Action.SPEAK)
    assert write.instruction.startswith("Schreib ein Gedicht über den Herbst\n")
    assert "read aloud as it stands" in write.instruction
    assert "Write in German." in write.instruction
    assert speak.instruction == "Lies es mit ruhiger Stimme vor."


def test_parts_share_the_style_and_the_subject() -> None:
    plan = plan_of("Write a haiku about autumn and draw a picture, in the style of Hokusai", "text image")
    assert plan.brief.subject == "autumn"
    assert plan.brief.style == "in the style of Hokusai"
    assert "autumn" in only(plan, Action.DRAW).instruction
    assert "Hokusai" in only(plan, Action.DRAW).instruction


def test_words_to_be_said_in_a_certain_way_keep_both() -> None:
    plan = plan_of("Read the following in a cheerful voice: Welcome to our shop.", "speech")
    (step,) = plan.steps
    assert step.instruction == "Read the following in a cheerful voice."
    assert [(each.kind, each.text) for each in step.earlier] == [(Input.TEXT, "Welcome to our shop.")]


def test_what_is_said_literally_is_the_instruction() -> None:
    assert plan_of("Say 'good morning'", "speech").steps[0].instruction == "good morning"


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("two pictures: a fox and an owl", ["A fox.", "An owl."]),
        ("Draw a fox. Make it red.", ["Draw a fox. Make it red."]),
    ],
)
def test_each_picture_is_told_what_is_its_own(prompt: str, said: list[str]) -> None:
    assert [step.instruction for step in plan_of(prompt, "image").steps] == said


def test_a_step_has_all_that_it_needs() -> None:
    step = only(plan_of("plot that instead", "chart", TABLE), Action.CHART)
    assert step.earlier[0].text == "month,revenue\nJan,1\nFeb,2\n"
    assert step.instruction.startswith("Plot that instead")


def test_models_costs_and_times_are_said() -> None:
    plan = plan_of("Write a haiku about autumn, paint it and read it aloud", "text image speech")
    assert [step.model for step in plan.steps] == ["", "openai/draw", "openai/speak"]
    assert all(step.cost is not None and step.cost > 0 for step in plan.steps)
    assert plan.seconds is not None
    # The picture and the voice wait for the text, and not for each other.
    assert plan.seconds < sum(step.seconds or 0 for step in plan.steps)
