"""What an answer holds beside text, whoever made it: a model, a tool or a step."""

from __future__ import annotations

from data.values.parts import AudioPart, ChartPart, FilePart, ImagePart, TablePart, TextFilePart, VideoPart
from pages.attached import Beside, draw_file, draw_given_file, draw_given_picture, draw_player
from pages.data_parts import draw_chart, draw_table

Content = TextFilePart | FilePart | ImagePart | AudioPart | VideoPart | TablePart | ChartPart


def draw_content(part: Content, beside: Beside, *, key: str) -> None:
    """Draw it, to look at and to take along; `key` tells its widgets from those of others on the page."""
    match part:
        case ImagePart():
            draw_given_picture(part, beside, key=key)
        case AudioPart() | VideoPart():
            draw_player(part, beside, key=key)
        case TablePart():
            draw_table(part, key=key)
        case ChartPart():
            draw_chart(part, key=key)
        case FilePart():
            draw_given_file(part, beside, key=key)
        case TextFilePart():
            draw_file(part, key=key)
