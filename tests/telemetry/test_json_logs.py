from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import logging
from core.config import Settings
from core.logs import REQUEST, configure_logging
from core.telemetry.otlp import traces_to
from contextlib import ExitStack

with ExitStack() as stack:
    configure_logging(Settings(home="/tmp", log_format="json"))
    log, servers = logging.getLogger("core.somewhere"), logging.getLogger("uvicorn.error")
    log.info("alone")
    REQUEST.set("request-1234")
    with traces_to("http://127.0.0.1:9", "1", "here", stack).turn():
        try:
            raise ValueError("sk-live-3vQ9xZk27LmNpR4tWyB8 in a traceback")
        except ValueError:
            log.exception("with Authorization: Bearer sk-live-3vQ9xZk27LmNpR4tWyB8\\nand a second line")
    servers.warning("the server's own")
"""


def test_each_line_is_an_object_with_the_ids_and_without_secrets(tmp_path: Path) -> None:
    environment = {**os.environ, "OTEL_BSP_EXPORT_TIMEOUT": "1", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=environment)
    lines = [json.loads(line) for line in run.stderr.splitlines() if '"core.somewhere"' in line or "the server" in line]
    alone, failed, servers = lines
    assert alone.keys() == {"timestamp", "severity", "logger", "message"}
    assert (failed["severity"], failed["request_id"]) == ("ERROR", "request-1234")
    assert len(failed["trace_id"]) == 32
    assert len(failed["span_id"]) == 16
    assert "ValueError" in failed["exception"]
    assert failed["message"].endswith("and a second line")
    assert servers["logger"] == "uvicorn.error"
    assert "3vQ9xZk27LmNpR4tWyB8" not in run.stderr
