"""Makes a film of pictures and sounds, in a process of its own: they come in by standard input, the film goes out.

Decoders of sounds and pictures are large, and what they read is a stranger's. Here they reach no key and no file, and
end when they take too long or too much. Run by `slideshow.py` with `python -I`, so it imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

CPU_SECONDS = 150
MEMORY_BYTES = 3 * 1024 * 1024 * 1024
MOST_SECONDS = 900.0

RATE = 25
"""Frames of a second while one picture goes over into the next; while one stands, one of a second is enough."""

FADE = 15
"""Frames that going over takes."""

SOUND_RATE = 48_000
_ALONE, _LEAST, _PAUSE = 4.0, 2.0, 0.4
"""Seconds: of a picture without sound, of any picture, and of silence after each sound."""

LONGEST = 1_280
_GROUND = (21, 24, 23)
_MOST_PIXELS = 64_000_000
_DEMUXERS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/mp4": "mp4",
    "audio/webm": "matroska",
}


class Refused(Exception):
    """It can't be made, for a reason that people can do something about."""


def limit() -> None:
    """Bound what this process may take, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit has to do
        return
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a stricter limit is set already
            resource.setrlimit(kind, (most, most))


def film(pictures: Sequence[bytes], sounds: Sequence[tuple[str, bytes]], *, longest: int = LONGEST) -> bytes:
    """An MP4 file (H.264, AAC) of the pictures, one after another, over the sounds.

    Each picture is shown with the sound of the same place where there are as many, else for its share of all of them.

    Args:
        longest: pixels of the film's longer side.
    """
    import av

    drawn = _on_one_size(pictures, longest)
    heard = [_samples(kind, content) for kind, content in sounds]
    seconds = _shown_for(len(drawn), [len(each) / 4 / SOUND_RATE for each in heard])
    if sum(seconds) > MOST_SECONDS:
        raise Refused(f"it would be longer than {MOST_SECONDS / 60:.0f} minutes.")
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as made:
        options = {"preset": "veryfast", "tune": "stillimage", "crf": "20"}
        shown = made.add_stream("libx264", rate=RATE, options=options)
        shown.width, shown.height = drawn[0].size
        shown.pix_fmt = "yuv420p"
        shown.thread_count = 1
        voice = _voice(made, heard, sum(seconds)) if heard else iter(())
        for tick, image in _frames(drawn, seconds):
            for packet in voice:
                made.mux(packet)
                if packet.pts is not None and packet.pts * packet.time_base >= Fraction(tick, RATE):
                    break
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = tick, Fraction(1, RATE)
            made.mux(shown.encode(frame))
        made.mux(shown.encode(None))
        for packet in voice:
            made.mux(packet)
    return out.getvalue()


def _on_one_size(pictures: Sequence[bytes], longest: int) -> list[Image]:
    """The pictures in full on a ground of the first one's shape, at most 16:9 and at least 9:16."""
    from PIL import Image, ImageOps

    opened = []
    for content in pictures:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "GIF", "WEBP"]) as found:
            if found.width * found.height > _MOST_PIXELS:
                raise Refused("a picture has more pixels than can be taken.")
            opened.append(ImageOps.exif_transpose(found).convert("RGB"))
    shape = max(9 / 16, min(16 / 9, opened[0].width / opened[0].height))
    wide, high = (longest, longest / shape) if shape >= 1 else (longest * shape, longest)
    size = (round(wide / 2) * 2, round(high / 2) * 2)  # the codec halves what it keeps of colours
    return [ImageOps.pad(each, size, Image.Resampling.LANCZOS, color=_GROUND) for each in opened]


def _samples(kind: str, content: bytes) -> bytes:
    """A sound as 16-bit stereo at `SOUND_RATE`, with a pause behind it."""
    import av

    resampler = av.AudioResampler(format="s16", layout="stereo", rate=SOUND_RATE)
    found = bytearray()
    with av.open(io.BytesIO(content), format=_DEMUXERS[kind]) as opened:
        for frame in opened.decode(audio=0):
            for each in resampler.resample(frame):
                found += bytes(each.planes[0])[: each.samples * 4]
            if len(found) / 4 / SOUND_RATE > MOST_SECONDS:
                raise Refused(f"it would be longer than {MOST_SECONDS / 60:.0f} minutes.")
        for each in resampler.resample(None):
            found += bytes(each.planes[0])[: each.samples * 4]
    return bytes(found) + bytes(4 * int(_PAUSE * SOUND_RATE))


def _shown_for(pictures: int, sounds: Sequence[float]) -> list[float]:
    if not sounds:
        return [_ALONE] * pictures
    if len(sounds) == pictures and min(sounds) >= _LEAST:
        return list(sounds)
    return [max(_LEAST, sum(sounds) / pictures)] * pictures


def _frames(pictures: Sequence[Image], seconds: Sequence[float]) -> Iterator[tuple[int, Image]]:
    """The frames with their places in `RATE`ths of a second: over into each other, and at last into the dark.

    The first one is there at once: players show it before anybody presses anything.
    """
    from PIL import Image

    dark = Image.new("RGB", pictures[0].size, _GROUND)
    begin, before = 0, pictures[0]
    for image, lasts in zip(pictures, seconds, strict=True):
        end = begin + round(lasts * RATE)
        over = FADE if image is not before else 0
        for at in range(over):
            yield begin + at, Image.blend(before, image, (at + 1) / (FADE + 1))
        for tick in range(begin + over, end, RATE):
            yield tick, image
        begin, before = end, image
    for at in range(FADE):
        yield begin + at, Image.blend(before, dark, (at + 1) / FADE)


def _voice(made: Any, heard: Sequence[bytes], seconds: float) -> Iterator[Any]:
    """Packets of all sounds, one after another, and silence to the end."""
    import av

    stream = made.add_stream("aac", rate=SOUND_RATE, layout="stereo")
    stream.bit_rate = 128_000
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE, frame_size=1024)
    said = b"".join(heard)
    said += bytes(max(0, int(seconds * SOUND_RATE) * 4 - len(said)))

    def packets() -> Iterator[Any]:
        step = 4 * SOUND_RATE
        for at in range(0, len(said), step):
            piece = said[at : at + step]
            frame = av.AudioFrame(format="s16", layout="stereo", samples=len(piece) // 4)
            frame.planes[0].update(piece)
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at // 4, Fraction(1, SOUND_RATE)
            for each in resampler.resample(frame):
                yield from stream.encode(each)
        for each in resampler.resample(None):
            yield from stream.encode(each)
        yield from stream.encode(None)

    return packets()


def main() -> int:
    """Read what there is, write the film; what went wrong goes to standard error in words."""
    limit()
    told = json.loads(sys.stdin.buffer.readline())
    pictures = [sys.stdin.buffer.read(size) for size in told["pictures"]]
    sounds = [(kind, sys.stdin.buffer.read(size)) for kind, size in told["sounds"]]
    try:
        made = film(pictures, sounds)
    except Refused as refusal:
        sys.stderr.write(str(refusal))
        return 3
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
