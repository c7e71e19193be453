"""Where on the page the person is."""

from __future__ import annotations

from pages.figures.place import Place
from pages.people.address import Address, read, written
from pages.widget_keys import Keys


class View(Place[Address]):
    """The page's part of the browser session."""

    def __init__(self) -> None:
        super().__init__(read, written, Address(), Keys.PEOPLE_ADDRESS)
