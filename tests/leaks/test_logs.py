"""The last net under all logs, and a process that leaves no image of its memory."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.logs import redact

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "OpenAI": "sk-proj-abcdEFGH1234ijklMNOP5678",
    "Google": "AIzaSyA-1234567890abcdefghijklmnop",
    "Hugging Face": "hf_abcdefghijklmnopqrstuv",
    "Gearbox token": "gbx_q8Zk1LmN0pQrStUvWxYz1234567890AB",
    "Vault token": "hvs.CAESIJabcdefghijklmnop",
    "KEK": "gearbox-kek-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_looks_like_a_key_is_cut(secret: str) -> None:
    for text in (secret, f"the key {secret} was refused", f"'{secret}'", f'{{"k":"{secret}"}}', f"\n{secret}\n"):
        assert secret not in redact(text)
        assert secret[10:] not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer 0123abc!unusual",
        "{'authorization': 'Basic dXNlcjpwYXNz'}",
        "headers=[(b'authorization', b'bearer plainhexkey0123')]",
        "api-key: 5f2b9c01",
        "x-goog-api-key=5f2b9c01&alt=sse",
        "https://host/v1?api_key=5f2b9c01",
        "GET /v1/models?alt=sse&key=5f2b9c01 HTTP/1.1",
        'password="hunter22"',
        "postgresql+psycopg://gearbox:hunter22@db/gearbox",
        "redis://:hunter22@cache",
    ],
)
def test_what_stands_where_keys_do_is_cut(text: str) -> None:
    cut = redact(text)
    assert "[redacted]" in cut
    for secret in ("0123abc", "dXNlcjpw", "plainhexkey", "5f2b9c01", "hunter22"):
        assert secret not in cut


@pytest.mark.parametrize(
    "text",
    [
        "KEK v2 is active, 200,000 records were moved from KEK v1.",
        "secret:4f1cdeadbeef4f1cdeadbeef4f1cdead was removed by person:0123456789abcdef",
        "GET http://127.0.0.1:8501/healthz 200",
        "No key is kept for https://api.openai.com/v1.",
        "tokens: 1234567, output_tokens=4242424242",
    ],
)
def test_what_says_nothing_is_left(text: str) -> None:
    assert redact(text) == text


LOUD = """
import logging, sys, threading
from core.logs import redact_everything
redact_everything()
KEY = sys.argv[1]
class Carrier:
    def __str__(self): return KEY
    __repr__ = __str__
logging.basicConfig(level="DEBUG", format="%(levelname)s %(name)s %(message)s")
theirs = logging.getLogger("somebody.elses")
theirs.warning("message " + KEY)
theirs.warning("argument %s and %r", KEY, Carrier())
theirs.warning(Carrier())
theirs.warning("mapping %(key)s", {"key": KEY})
from uvicorn.logging import AccessFormatter
handler = logging.StreamHandler()
handler.setFormatter(AccessFormatter('%(client_addr)s "%(request_line)s" %(status_code)s', use_colors=False))
access = logging.getLogger("uvicorn.access"); access.handlers = [handler]; access.propagate = False
access.warning('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", "/v1?x=" + KEY, "1.1", 200)
try:
    raise ValueError(KEY)
except ValueError as error:
    theirs.exception("caught")
    try:
        raise RuntimeError(Carrier()) from error
    except RuntimeError:
        theirs.error("chained", exc_info=True, stack_info=True)
def fail(): raise ValueError("thread " + KEY)
thread = threading.Thread(target=fail); thread.start(); thread.join()
class Dying:
    def __del__(self): raise ValueError("unraisable " + KEY)
Dying()
raise ValueError("uncaught " + KEY)
"""


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_nothing_in_the_process_logs_or_prints_it(secret: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOUD, secret], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "NameError" not in done.stderr
    for said in ("message", "argument", "mapping", "GET", "caught", "chained", "thread", "unraisable", "uncaught"):
        assert said in done.stderr
    assert done.stderr.count("[redacted]") >= 11
    assert secret not in done.stdout + done.stderr


CRASH = """
import json, os, resource, signal, sys
from core.memory import keep_memory_private
keep_memory_private()
import ctypes
dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
print(json.dumps({"core": resource.getrlimit(resource.RLIMIT_CORE), "dumpable": dumpable}))
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGSEGV)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what it switches off beyond core dumps is Linux's")
def test_a_crash_leaves_no_image_of_the_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        preexec_fn=_dumps_on,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGSEGV, done.stderr
    assert json.loads(done.stdout) == {"core": [0, 0], "dumpable": 0}
    assert list(tmp_path.iterdir()) == []


def _dumps_on() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
