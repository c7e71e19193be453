"""A process in the middle of a tool until it is killed. Prints the conversation once that runs."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from core.providers.catalog import Catalogue
from core.tools.toolbox import Toolbox
from data.values.events import RoundBegun
from tests.chat.house import ChatHouse, now
from tests.chat.tools import Bench


def main(home: Path, sandbox_url: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    house = ChatHouse(home, sandbox_url, Catalogue(now), toolbox=Toolbox(Bench().tools))
    first, second = ('[[call:echo {"text": "a"}]]', '[[next:wait {"text": "b"}]]')
    turn = house.send(f"[[pace:instant]]{first}{second}")
    for batch in turn.follow(patience=0.05):
        if any(isinstance(event, RoundBegun) for event in batch):
            break
    while len([part for part in turn.parts() if type(part).__name__ == "ToolCallPart"]) < 2:
        time.sleep(0.02)
    while not house.rows("SELECT 1 FROM messages WHERE author = 'assistant' AND parts LIKE '%wait%'"):
        time.sleep(0.02)
    sys.stdout.write(f"{turn.begun.conversation_id}\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
