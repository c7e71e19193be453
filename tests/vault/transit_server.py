"""A transit secrets engine on loopback, answering as OpenBao's API documents it: real keys, real ciphertexts.

https://openbao.org/api-docs/secret/transit/
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_NONCE_BYTES = 12


class TransitServer:
    """One engine at `mount`; its state is what an operator of a real one could have made of it."""

    def __init__(self) -> None:
        self.token = "s.transit-canary-token-5d2e"
        self.mount = "transit"
        self.sealed = False
        self.oldest_allowed = 1
        self.keys: dict[str, list[AESGCM]] = {}
        self.asked: list[str] = []
        self.instead: Callable[[Request], Response] | None = None
        """Answers in the engine's place: a standby, or something else at the address."""
        self.add_key("gearbox")
        self.app = Starlette(routes=[Route("/v1/{path:path}", self._answer, methods=["GET", "POST", "PUT"])])

    def add_key(self, name: str) -> None:
        """Make a key, or one more version of it."""
        self.keys.setdefault(name, []).append(AESGCM(AESGCM.generate_key(256)))

    async def _answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        self.asked.append(path)
        if self.instead is not None:
            return self.instead(request)
        if self.sealed:
            return _errors(503, "Vault is sealed")
        if request.headers.get("X-Vault-Token") != self.token:
            return _errors(403, "permission denied")
        if not path.startswith(f"{self.mount}/"):
            return _errors(404, f'no handler for route "{path}". route entry not found.')
        what, _, name = path.removeprefix(f"{self.mount}/").rpartition("/")
        return self._operate(what, name, await request.json())

    def _operate(self, what: str, name: str, body: dict[str, Any]) -> Response:
        if name not in self.keys:
            return _errors(400, "encryption key not found")
        if what == "datakey/plaintext":
            plain = os.urandom(body.get("bits", 256) // 8)
            return _data(plaintext=_text(plain), ciphertext=self._encrypt(name, plain))
        if what == "decrypt":
            return self._decrypt(name, body["ciphertext"])
        return _errors(404, "unsupported path")

    def _encrypt(self, name: str, plain: bytes) -> str:
        nonce, versions = os.urandom(_NONCE_BYTES), self.keys[name]
        return f"vault:v{len(versions)}:{_text(nonce + versions[-1].encrypt(nonce, plain, None))}"

    def _decrypt(self, name: str, ciphertext: str) -> Response:
        scheme, version, body = ciphertext.split(":")
        number = int(version.removeprefix("v"))
        if scheme != "vault" or number > len(self.keys[name]):
            return _errors(400, "invalid ciphertext: no prefix")
        if number < self.oldest_allowed:
            return _errors(400, "ciphertext or signature version is disallowed by policy (too old)")
        sealed = base64.b64decode(body)
        try:
            plain = self.keys[name][number - 1].decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag:
            return _errors(400, "cipher: message authentication failed")
        return _data(plaintext=_text(plain))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _data(**data: str) -> Response:
    return JSONResponse({"data": data})


def _errors(status: int, *words: str) -> Response:
    return JSONResponse({"errors": list(words)}, status)
