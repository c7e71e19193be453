"""Evidence by HTTP: one zip for those who may, whole and dated."""

from __future__ import annotations

import hashlib
import io
import zipfile
from contextlib import ExitStack
from pathlib import Path

import httpx
from starlette.applications import Starlette

from core.access.policy import Permission
from core.api.answers import Api
from core.api.routes import api_routes
from core.config import Settings
from core.services import build
from tests.gateway.server import serve


def test_a_zip_for_those_who_may(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, database_url="", kek_source="file", sandbox=False, local_discovery=False, warm_up=False
    )
    with ExitStack() as stack:
        services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
        origin = stack.enter_context(serve(Starlette(routes=api_routes(Api(lambda: services, lambda _: None)))))
        admin, member = (
            {"Authorization": f"Bearer {services.tokens.create(services.actor(), 'test', [scope])[1]}"}
            for scope in (Permission.EXPORT_EVIDENCE, Permission.CHAT)
        )
        url = f"{origin}/api/evidence"
        assert httpx.get(url, trust_env=False).status_code == 401
        assert httpx.get(url, headers=member, trust_env=False).status_code == 403
        assert httpx.get(f"{url}?since=someday", headers=admin, trust_env=False).status_code == 400
        answer = httpx.get(f"{url}?since=2026-01-01", headers=admin, timeout=60, trust_env=False)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/zip"
        assert 'filename="gearbox-evidence-' in answer.headers["content-disposition"]
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            sums = [line.split("  ") for line in archive.read("SHA256SUMS").decode().splitlines()]
            assert len(sums) > 20
            for digest, name in sums:
                assert hashlib.sha256(archive.read(name)).hexdigest() == digest, name
