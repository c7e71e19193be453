"""KEKs sealed by the transit engine of OpenBao or HashiCorp Vault.

The server makes a data key (`POST /v1/<mount>/datakey/plaintext/<key>`); its ciphertext goes into this database,
and `POST /v1/<mount>/decrypt/<key>` opens it again, once for each process. Nothing that Gearbox keeps opens the vault
alone.
API: https://openbao.org/api-docs/secret/transit/
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import ssl
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from core.errors import ConfigError, WrongKek
from core.vault.envelope import KEY_BYTES
from core.vault.kek import TRANSIT, MadeKek

_SECONDS = 10.0
_WORDS = 200  # of what the server says, in an error of ours


class TransitKek:
    """KEKs that a transit engine opens.

    Args:
        url: the server, https:// beyond this machine.
        mount: where the engine is mounted.
        key: name of its key.
        token: what to call it with.
        token_file: holds the token instead, read anew at each call: an agent may renew it.

    Raises:
        ConfigError: an address or a name that can't be used.
    """

    name = TRANSIT

    def __init__(self, url: str, mount: str, key: str, token: str, token_file: Path | None) -> None:
        _check_address(url)
        if not key or not mount.strip("/"):
            raise ConfigError("GEARBOX_TRANSIT_KEY or GEARBOX_TRANSIT_MOUNT is empty.", "Name the key and its mount.")
        self._url = url.rstrip("/")
        self._mount = quote(mount.strip("/"))
        self._key = quote(key, safe="")
        self._token = token
        self._token_file = token_file

    def load(self, kek_id: int, wrapped: bytes | None = None) -> tuple[bytes, ...]:
        """See `KekSource.load`. Asks the server: blocking, up to some seconds."""
        if wrapped is None:
            return ()
        data = self._call("decrypt", {"ciphertext": wrapped.decode("ascii", "replace")})
        return (self._material(data),)

    def create(self, kek_id: int) -> MadeKek:
        """See `KekSource.create`. A new one each time: only its ciphertext in the database keeps it."""
        data = self._call("datakey/plaintext", {"bits": KEY_BYTES * 8})
        ciphertext = data.get("ciphertext")
        if not isinstance(ciphertext, str) or not ciphertext.isascii() or not ciphertext:
            raise self._nonsense()
        return MadeKek(self._material(data), ciphertext.encode("ascii"))

    def destroy(self, kek_id: int) -> bool:
        """See `KekSource.destroy`: its ciphertext goes with the record."""
        return True

    def place(self, kek_id: int) -> str:
        """See `KekSource.place`."""
        return f"the transit engine at {self._url} (mount {self._mount}, key {self._key})"

    def _call(self, what: str, body: dict[str, object]) -> dict[str, object]:
        address = f"{self._url}/v1/{self._mount}/{what}/{self._key}"
        headers = {"X-Vault-Token": self._current_token(), "X-Vault-Request": "true"}
        try:
            # The system's certificates (and SSL_CERT_FILE), not a bundled list: such servers have private CAs. No
            # proxies from the environment: nobody else is to see a KEK.
            context = ssl.create_default_context()
            with httpx.Client(verify=context, trust_env=False, timeout=_SECONDS, follow_redirects=False) as client:
                answer = client.post(address, headers=headers, json=body)
        except httpx.TimeoutException:
            raise WrongKek(f"The transit server at {self._url} does not answer.", "Start it, then try again.") from None
        except httpx.RequestError as error:
            raise self._unreachable(error) from None
        if answer.status_code != httpx.codes.OK:
            raise self._refused(answer, headers["X-Vault-Token"])
        try:
            data = answer.json()["data"]
        except (ValueError, KeyError, TypeError):
            raise self._nonsense() from None
        if not isinstance(data, dict):
            raise self._nonsense()
        return data

    def _current_token(self) -> str:
        token = self._token
        if self._token_file is not None:
            try:
                token = self._token_file.read_text(encoding="ascii", errors="replace").strip()
            except OSError as error:
                raise WrongKek(
                    f"The file {self._token_file} of GEARBOX_TRANSIT_TOKEN_FILE can't be read: {error.strerror}.",
                    "Let the user that runs Gearbox read it.",
                ) from None
        if not token or not token.isascii() or not token.isprintable():
            raise WrongKek(
                "There is no token to call the transit server with.",
                "Set GEARBOX_TRANSIT_TOKEN or GEARBOX_TRANSIT_TOKEN_FILE.",
            )
        return token

    def _unreachable(self, error: httpx.RequestError) -> WrongKek:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError):
                return WrongKek(
                    f"The certificate of the transit server at {self._url} can't be verified.",
                    "Add its CA to this machine's certificates, or name it in SSL_CERT_FILE. "
                    "Checks can't be turned off.",
                )
            cause = cause.__cause__ or cause.__context__
        return WrongKek(
            f"The transit server at {self._url} can't be reached ({type(error).__name__}).",
            "Start it, or correct GEARBOX_TRANSIT_URL.",
        )

    def _refused(self, answer: httpx.Response, token: str) -> WrongKek:
        what, remedy = _REFUSALS.get(answer.status_code, ("refused", "Look at its log."))
        try:
            said = " ".join(str(one) for one in answer.json()["errors"])
        except (ValueError, KeyError, TypeError):
            said = ""
        said = said.replace(token, "***")  # a proxy's error may repeat what it was sent
        words = "".join(c if c.isprintable() else " " for c in said)[:_WORDS].strip()
        message = f"The transit server at {self._url} {what} (HTTP {answer.status_code})"
        return WrongKek(f"{message}: {words}" if words else f"{message}.", remedy)

    def _nonsense(self) -> WrongKek:
        return WrongKek(
            f"What answers at {self._url} is not a transit engine.", "Correct GEARBOX_TRANSIT_URL and _MOUNT."
        )

    def _material(self, data: dict[str, object]) -> bytes:
        try:
            material = base64.b64decode(str(data.get("plaintext")), validate=True)
        except binascii.Error:
            material = b""
        if len(material) != KEY_BYTES:
            raise self._nonsense()
        return material


_REFUSALS = {
    400: ("could not make or open the KEK", "Check GEARBOX_TRANSIT_KEY, and that the version of it is still allowed."),
    403: (
        "refused the token",
        "Renew it, and give it a policy that allows `update` on datakey/plaintext/<key> and decrypt/<key>.",
    ),
    404: ("knows no such engine or key", "Correct GEARBOX_TRANSIT_MOUNT and GEARBOX_TRANSIT_KEY, or create them."),
    307: ("is a standby", "Point GEARBOX_TRANSIT_URL at the active server, or at what stands in front of all."),
    429: ("is a standby or too busy", "Point GEARBOX_TRANSIT_URL at the active server, or try again."),
    503: ("is sealed or down for maintenance", "Unseal it, then start Gearbox again."),
}


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = bool(parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0)
    except ValueError:  # a port or an IPv6 address that is none
        usable = False
    if not usable or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError("GEARBOX_TRANSIT_URL is not the address of a server.", "Set it to https://host:8200.")
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigError("GEARBOX_TRANSIT_URL would carry KEKs over plain http://.", "Use https://.")
