from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_start_path_imports_neither_litellm_nor_sklearn() -> None:
    code = (
        "import sys, core.providers.gateway, core.providers.direct_transport, core.providers.litellm_transport\n"
        "core.providers.litellm_transport.LitellmTransport()\n"
        "slow = {'litellm', 'sklearn', 'openai', 'streamlit'}\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & slow))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"
