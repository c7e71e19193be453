"""The sandbox's texts: a few honest replies, chosen by what the prompt asks to see."""

from __future__ import annotations

import itertools
import re

_WHO = "I am Gearbox's sandbox: a scripted model, so nothing here was thought up by an AI."
_KEY = (
    "For real answers, open the settings (the gear in the chat header) and add a provider key, "
    "or start a local server such as Ollama and pick one of its models."
)
_FILLER = (
    "gears turn and words arrive one after another so that you can watch the stream scroll stop it "
    "reload the page and see that nothing is lost on the way"
)

_LIST = """\
- the reply streams over real HTTP, as any provider's would
- **stop** keeps what has arrived
- a reload in the middle comes back to it
- tokens and time to first token are counted"""

_STEPS = """\
1. Open the settings.
2. Add a provider key; it is sealed before it is stored.
3. Press *Test*, then pick a model in the chat."""

_TABLE = """\
| Gear | Ratio | Speed |
|-----:|------:|:------|
| 1 | 3.64 | slow, strong |
| 2 | 1.95 | city |
| 3 | 1.28 | road |
| 4 | 0.98 | motorway |"""

_CODE = '''\
```python
def ratio(driver_teeth: int, driven_teeth: int) -> float:
    """Output turns once for this many turns of the input."""
    return driven_teeth / driver_teeth


print(ratio(12, 36))  # 3.0
```'''

_MARKDOWN = """\
## A heading

Some *italic*, some **bold**, some `code`, and [a link](https://example.com).

> A quotation.

1. first
2. second
   - nested"""

# The first row with a word that the prompt contains decides; the order is from specific to general.
_SHOWN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("markdown", "formatting"), "Here is a bit of everything that Markdown can do:", _MARKDOWN),
    (("table", "spreadsheet"), "Here is a table:", _TABLE),
    (("code", "python", "function", "script"), "Here is a piece of code:", _CODE),
    (("step", "how do i", "how to"), "Step by step:", _STEPS),
    (("list", "bullet"), "Here is a list:", _LIST),
)


def reply(prompt: str, quote: str, *, turn: int, first: str) -> str:
    """The Markdown answer to `prompt`; `quote` and `first` are one-line excerpts of it and of the first prompt.

    `turn` counts the user messages that were sent, this one included.
    """
    heard = f"You wrote: “{quote}”." if quote else "You sent an empty message."
    place = f"This is turn {turn} of our conversation"
    place += f", which began with “{first}”." if turn > 1 and first else "."
    wanted = prompt.lower()
    for words_, lead, sample in _SHOWN:
        if any(re.search(rf"\b{word}", wanted) for word in words_):
            return f"{_WHO} {heard} {place}\n\n{lead}\n\n{sample}\n\n{_KEY}"
    return f"{_WHO}\n\n{heard} {place} I can show you a list, a table, some code or Markdown if you ask.\n\n{_KEY}"


def words(count: int) -> str:
    """Exactly `count` words."""
    return " ".join(itertools.islice(itertools.cycle(_FILLER.split()), count))
