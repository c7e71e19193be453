"""Changes of pictures by words: which ones a prompt asks for, in several languages, and what each does to pixels."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from core.sandbox.brushes import Picture, shade
from core.sandbox.heavens import paint_weather
from core.sandbox.painting import printed
from core.sandbox.scenes import scene_of
from core.sandbox.vocabulary import COLOR_WORDS, COLORS, Color, Lexicon, plain_words

_MEANINGS = {
    "darker": "darker dark darken dunkl* abdunk* sombre* assombr* plus-sombre oscur* scur* escur* 暗",
    "brighter": "bright* lighter lighten hell* aufhell* eclair* clair* aclar* brillan* luminos* chiar* "
    "clare* claro 明",
    "warmer": "warm* chaud* calid* cald* quente* sunny sonnig*",
    "cooler": "cool* cold* kuhl* kalt* kalter froid* frio* fri* fredd*",
    "grey": "monochrom* black-and-white schwarzweiss* schwarz-weiss* noir-et-blanc blanco-y-negro bianco-e-nero "
    "preto-e-branco grayscale greyscale graustufen b&w 白黒 黑白",
    "sepia": "sepia vintage antique nostalgi* retro old-fashioned",
    "blur": "blur* unscharf* verschwomm* weichzeich* flou* desenfo* borros* sfoca* sfocat* desfoc* ぼかし 模糊",
    "sharper": "sharp* scharf* scharfer net nette nett* nitid* enfocad*",
    "contrast": "contrast* kontrast* contraste* contrasto*",
    "vivid": "vivid* colorful colourful saturat* bunt* kraftig* vif vives vivid* colorid* satur* vibrant*",
    "pale": "pale* desaturat* pastel* blass* fade* verblass* palid* pallid*",
    "invert": "invert* negativ* umkehr* umgekehrt* invers*",
    "rotate": "rotat* drehe* drehen gedreht tourn* pivot* gira girar* gire ruota* rotar* rode rodar* 回転 旋转",
    "mirror": "mirror* spiegel* gespiegelt* miroir* reflej* espej* specchi* espelh* flop 鏡 镜像",
    "flip": "flip* upside-down kopf uberkopf renvers* capovol*",
    "poster": "poster* posteriz* pop-art popart plakat* affiche* cartel* comic* cartoon* print woodcut holzschnitt",
    "sketch": "sketch* pencil* drawing skizz* bleistift* zeichnung* croquis crayon* dibujo* boceto* "
    "lapiz schizzo matita disegno "
    "esboco lapis outline* edges",
    "mosaic": "mosaic* mosaik* mosaique* mosaico* pixel* pixelat* 8-bit verpixel*",
    "paint": "oil oil-painting olgemalde painterly watercolor watercolour aquarell* aquarel* acuarel* "
    "acquerell* aquarela",
    "night": "night* nacht* nuit* noche* notte noite* 夜",
    "sunset": "sunset sonnenuntergang atardecer tramonto crepuscul* golden-hour",
    "rain": "rain* regen* pluie* lluvia* pioggia chuva* 雨",
    "snow": "snow* schnee* neige* nieve* neve* 雪",
    "fog": "fog* mist* nebel* brouillard brume niebla* nebbia* nevoa*",
    "frame": "frame* rahmen* cadre marco* cornice moldura border*",
    "square": "square quadrat* carre cuadrad* quadrad*",
}  # fmt: skip
_PLACES = {
    "top": "sky skies himmel* ciel cielo* ceu top upper oben obere* clouds wolken nuages 空 天空",
    "bottom": "ground sea water foreground bottom lower boden meer wasser vordergrund unten sol mer eau "
    "premier-plan suelo mar agua "
    "terra mare acqua primo-piano chao 海",
}  # fmt: skip
_CHANGES, _REGIONS = Lexicon(_MEANINGS), Lexicon(_PLACES)
_TOGETHER = (
    ("b&w", "monochrome"), ("black and white", "monochrome"), ("schwarz und weiss", "monochrome"),
    ("noir et blanc", "monochrome"),
    ("blanco y negro", "monochrome"), ("bianco e nero", "monochrome"), ("preto e branco", "monochrome"),
    ("upside down", "upside-down"), ("oil painting", "oil"), ("pop art", "pop-art"),
)  # fmt: skip
_READ_CHARS = 8_000
_LESS = re.compile(r"\b(?:less|weniger|moins|menos|meno)\b")
_DEGREES = re.compile(r"(\d{1,3})\s*(?:°|degree|grad|degre|grado|grau)")
_TURNED = re.compile(r"\bturn\b.*(?:left|right|clockwise|sideways|degree|°|around)")
_LEFT = re.compile(r"\b(?:left|links|gauche|izquierda|sinistra|esquerda|counter)")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a prompt asks for.

    Args:
        names: of the changes, in the prompt's order.
        color: that all is tinted with.
        region: `top` or `bottom` where only a part of the picture is meant.
        words: the prompt, plain.
    """

    names: tuple[str, ...]
    color: Color | None
    region: str
    words: str

    def __bool__(self) -> bool:
        return bool(self.names) or self.color is not None


def changes_in(prompt: str) -> Changes:
    """The changes that a prompt asks for; none where it asks for what is not known here."""
    told = prompt[:_READ_CHARS].casefold()
    plain = " ".join(plain_words(told))
    for words, one in _TOGETHER:
        plain = f"{plain} {one}" if words in plain or words in told else plain
    words_ = [*plain.split(), *(["rotate"] if _TURNED.search(told) else [])]
    names = tuple(dict.fromkeys(name for _, name in _CHANGES.found(words_)))
    colors = [COLORS[name][0] for _, name in COLOR_WORDS.found(words_)]
    regions = [name for _, name in _REGIONS.found(words_)]
    return Changes(names, colors[-1] if colors and "grey" not in names else None, regions[0] if regions else "", told)


def change(picture: Picture, wanted: Changes) -> Picture:
    """The picture with all of it done."""
    changed = picture
    for name in wanted.names:
        changed = _DOING[name](changed, wanted)
    if wanted.color is not None:
        changed = _tint(changed, wanted.color)
    if wanted.region and changed.size == picture.size:
        changed = Image.composite(changed, picture, _region(picture.size, wanted.region))
    return changed


def _region(size: tuple[int, int], name: str) -> Picture:
    """White where the change is, fading within a fifth of the height."""
    ramp = Image.linear_gradient("L").resize(size)
    if name == "top":
        return ramp.point([min(255, max(0, int((150 - each) * 5))) for each in range(256)])
    return ramp.point([min(255, max(0, int((each - 120) * 5))) for each in range(256)])


def _tint(picture: Picture, color: Color) -> Picture:
    toned = ImageOps.colorize(ImageOps.grayscale(picture), shade(color, -0.75), shade(color, 0.8), mid=color)
    return Image.blend(picture, toned, 0.72)


def _brightness(factor: float) -> Callable[[Picture, Changes], Picture]:
    return lambda picture, wanted: ImageEnhance.Brightness(picture).enhance(
        2 - factor if _LESS.search(wanted.words) else factor
    )


def _enhanced(kind: Callable[[Picture], ImageEnhance._Enhance], more: float) -> Callable[[Picture, Changes], Picture]:
    return lambda picture, wanted: kind(picture).enhance(1 / more if _LESS.search(wanted.words) else more)


def _balance(red: float, green: float, blue: float) -> Callable[[Picture, Changes], Picture]:
    table = [min(255, int(each * by)) for by in (red, green, blue) for each in range(256)]
    return lambda picture, _: picture.point(table)


def _sepia(picture: Picture, _: Changes) -> Picture:
    return ImageOps.colorize(ImageOps.grayscale(picture), (38, 24, 14), (255, 240, 208), mid=(156, 118, 78))


def _rotate(picture: Picture, wanted: Changes) -> Picture:
    found = _DEGREES.search(wanted.words)
    degrees = int(found.group(1)) % 360 if found else 90
    turned = degrees if _LEFT.search(wanted.words) else -degrees
    return picture.rotate(turned, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))


def _poster(picture: Picture, _: Changes) -> Picture:
    return ImageEnhance.Color(printed(picture)).enhance(1.35)


def _sketch(picture: Picture, _: Changes) -> Picture:
    """Pencil: grey divided by its blurred negative."""
    from PIL import ImageChops, ImageMath

    grey = ImageOps.grayscale(picture)
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(max(2, min(picture.size) / 90)))
    base = ImageOps.invert(soft)
    dodged = ImageMath.lambda_eval(
        lambda given: given["convert"](given["min"](given["grey"] * 250 / (given["base"] + 1), 255), "L"),
        grey=grey, base=base,
    )  # fmt: skip
    return ImageChops.multiply(dodged, dodged).convert("RGB")


def _mosaic(picture: Picture, _: Changes) -> Picture:
    tiles = 48
    factor = max(2, max(picture.size) // tiles)
    return picture.reduce(factor).resize(picture.size, Image.Resampling.NEAREST)


def _painted(picture: Picture, _: Changes) -> Picture:
    small = picture.reduce(2).filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.ModeFilter(5))
    return ImageEnhance.Color(small.resize(picture.size, Image.Resampling.BICUBIC)).enhance(1.25)


def _night(picture: Picture, _: Changes) -> Picture:
    dark = ImageEnhance.Color(picture).enhance(0.55).point(
        [int(each * by) for by in (0.26, 0.34, 0.56) for each in range(256)]
    )  # fmt: skip
    return ImageEnhance.Contrast(dark).enhance(1.1)


def _weather(name: str) -> Callable[[Picture, Changes], Picture]:
    return lambda picture, wanted: paint_weather(scene_of(f"{name} {wanted.words}"), picture.copy())


def _frame(picture: Picture, wanted: Changes) -> Picture:
    edge = max(4, min(picture.size) // 18)
    inner = picture.resize((picture.size[0] - 2 * edge, picture.size[1] - 2 * edge), Image.Resampling.BICUBIC)
    return ImageOps.expand(inner, edge, wanted.color or (250, 248, 242))


def _square(picture: Picture, _: Changes) -> Picture:
    return ImageOps.fit(picture, (min(picture.size),) * 2)


_DOING: dict[str, Callable[[Picture, Changes], Picture]] = {
    "darker": _brightness(0.58),
    "brighter": _brightness(1.42),
    "warmer": _balance(1.14, 1.02, 0.82),
    "cooler": _balance(0.84, 1.0, 1.16),
    "grey": lambda picture, _: ImageOps.grayscale(picture).convert("RGB"),
    "sepia": _sepia,
    "blur": lambda picture, _: picture.filter(
        ImageFilter.GaussianBlur(max(2, math.sqrt(math.prod(picture.size)) / 90))
    ),
    "sharper": lambda picture, _: picture.filter(ImageFilter.UnsharpMask(3, 180, 2)),
    "contrast": _enhanced(ImageEnhance.Contrast, 1.5),
    "vivid": _enhanced(ImageEnhance.Color, 1.7),
    "pale": _enhanced(ImageEnhance.Color, 0.45),
    "invert": lambda picture, _: ImageOps.invert(picture),
    "rotate": _rotate,
    "mirror": lambda picture, _: ImageOps.mirror(picture),
    "flip": lambda picture, _: ImageOps.flip(picture),
    "poster": _poster,
    "sketch": _sketch,
    "mosaic": _mosaic,
    "paint": _painted,
    "night": _night,
    "sunset": _balance(1.18, 0.88, 0.72),
    "rain": _weather("rain"),
    "snow": _weather("snow"),
    "fog": _weather("fog"),
    "frame": _frame,
    "square": _square,
}
