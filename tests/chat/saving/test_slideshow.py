"""Films of an answer's pictures and voice."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import wave
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.chat.saving import slideshow_child as child
from core.chat.saving.slideshow import has_slideshow, slideshow
from core.errors import GearboxError
from data.values.media import Blob
from data.values.messages import Author, Message, MessageStatus
from data.values.parts import AudioPart, Part, TextPart, ToolResultPart
from data.values.plans import Action
from tests.chat.saving.kept import picture, sound, step


def message(*parts: Part) -> Message:
    return Message("m", "c", 2, Author.ASSISTANT, parts, MessageStatus.COMPLETE, datetime.now(UTC))


def silence(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8_000)
        written.writeframes(bytes(2 * int(seconds * 8_000)))
    return out.getvalue()


def png(color: str, width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def opened(film: bytes) -> tuple[dict[str, float], list[tuple[float, tuple[int, int, int]]], tuple[int, int]]:
    """How long each stream is, when which colour is in the middle, and how large the picture is."""
    import av

    container: Any = av.open(io.BytesIO(film))
    lengths = {each.type: float(each.duration * each.time_base) for each in container.streams}
    seen = []
    for frame in container.decode(video=0):
        image = frame.to_image()
        seen.append((float(frame.time), image.getpixel((image.width // 2, image.height // 2))))
    return lengths, seen, image.size


def near(color: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(color, other, strict=True))


def test_each_picture_is_shown_for_its_share_of_the_voice_and_they_go_over_into_each_other() -> None:
    film = child.film(
        [png("red"), png("blue"), png("lime")],
        [("audio/wav", silence(5.6)), ("audio/wav", silence(5.6))],
        longest=160,
    )
    lengths, seen, size = opened(film)
    assert size == (160, 120)
    assert lengths["video"] == pytest.approx(12.6, abs=0.1) and lengths["audio"] == pytest.approx(12.0, abs=0.1)
    for second, color in ((2.6, (255, 0, 0)), (6.6, (0, 0, 255)), (10.6, (0, 255, 0))):
        found = min(seen, key=lambda each: abs(each[0] - second))
        assert near(found[1], color), (second, found)
    between = [color for at, color in seen if 4.1 < at < 4.5]
    assert any(color[0] > 60 and color[2] > 60 for color in between), "neither the one nor the other"


def test_as_many_pictures_as_sounds_go_together() -> None:
    film = child.film(
        [png("red"), png("blue")], [("audio/wav", silence(2.6)), ("audio/wav", silence(5.6))], longest=160
    )
    _, seen, _ = opened(film)
    assert near(min(seen, key=lambda each: abs(each[0] - 4.6))[1], (0, 0, 255)), "the second begins with its sound"


@pytest.mark.parametrize(("wide", "high", "size"), [(300, 100, (160, 90)), (50, 400, (90, 160))])
def test_the_first_picture_gives_the_shape(wide: int, high: int, size: tuple[int, int]) -> None:
    lengths, seen, found = opened(child.film([png("red", wide, high), png("blue", 40, 30)], [], longest=160))
    assert found == size and lengths["video"] == pytest.approx(8.6, abs=0.1) and "audio" not in lengths
    assert near(seen[0][1], (255, 0, 0)), "players show the first frame"


def test_from_an_answer_in_a_process_of_its_own() -> None:
    (lake, lake_blob), (reading, reading_blob) = picture("teal"), sound()
    held = {each.blob.digest: each.content for each in (lake_blob, reading_blob)}
    made = slideshow(
        message(step("s1", Action.DRAW, lake), ToolResultPart("c", (lake, reading)), TextPart("x")),
        lambda blob: held.get(blob.digest),
    )
    lengths, _, _ = opened(made)
    assert lengths["video"] == pytest.approx(2.6, abs=0.1), "one picture, though it comes twice"
    with pytest.raises(GearboxError, match="no picture"):
        slideshow(message(lake), lambda _: None)


def test_what_can_t_be_read_is_refused_with_words() -> None:
    lake, lake_blob = picture("teal")
    rng = random.Random(random.randrange(10**6))
    broken = AudioPart(Blob("5" * 64, "audio/mp4", 9), "x.m4a")
    held = {lake.blob.digest: lake_blob.content, broken.blob.digest: rng.randbytes(5_000)}
    with pytest.raises(GearboxError, match="could not be read"):
        slideshow(message(lake, broken), lambda blob: held.get(blob.digest))
    endless = replace(broken, blob=Blob("6" * 64, "audio/wav", 9))
    held[endless.blob.digest] = silence(child.MOST_SECONDS + 1)
    with pytest.raises(GearboxError, match="longer than 15 minutes"):
        slideshow(message(lake, endless), lambda blob: held.get(blob.digest))


def test_the_process_can_write_no_file(tmp_path: Path) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(Path(child.__file__).parent)!r})
import slideshow_child; slideshow_child.limit()
with open({str(tmp_path / "x")!r}, "w") as file:
    file.write("x" * 10)
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=False)
    assert done.returncode != 0 and not (tmp_path / "x").read_text()


def test_it_is_offered_where_there_is_enough_for_one() -> None:
    (one, _), (two, _), (voice, _) = picture("red"), picture("blue"), sound()
    assert (
        not has_slideshow(message(one)) and not has_slideshow(message(voice)) and not has_slideshow(message(one, one))
    )
    assert has_slideshow(message(one, voice)) and has_slideshow(message(one, two))
