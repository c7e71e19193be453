"""A process of the product's own services with the sandbox on loopback, in the middle of an answer until it is killed.

Prints how many characters a viewer has seen, as they come.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from core import services
from core.config import Settings
from core.sandbox import sandbox_app


def main(home: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = Starlette(routes=[Mount("/sandbox/v1", sandbox_app())])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    settings = Settings(home=home, kek_source="file", local_discovery=False, warm_up=False)
    with ExitStack() as stack:
        running = services.build(settings, stack, own_address=lambda: f"http://127.0.0.1:{port}")
        actor = running.actor()
        choice = running.chat.choice(actor, running.preferences.load(actor), picked=None, history=[])
        turn = running.chat.send(actor, None, "[[words:2000]] talk", choice)
        said = 0
        for batch in turn.follow():
            said += sum(len(getattr(event, "text", "")) for event in batch)
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
