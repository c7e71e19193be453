"""The vault and the audit log: `uv run python -m bench.vault [--keys N] [--events N] [--database-url URL]`.

Sealing and opening against bare AES-GCM; a log verified offline and paged through; all keys re-wrapped under a new KEK
while another process reads, stores and counts what fails. Each beside a baseline of the same run; 0 leaves a part out.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench import vault_audit, vault_envelope, vault_rewrap
from core.config import Settings


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.vault", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keys", type=int, default=100_000, help="to re-wrap (%(default)s)")
    parser.add_argument("--events", type=int, default=1_000_000, help="in the audit log (%(default)s)")
    parser.add_argument("--database-url", default="", help="an empty database (default: a new SQLite file)")
    options = parser.parse_args()
    began = time.perf_counter()
    vault_envelope.run()
    with tempfile.TemporaryDirectory(prefix="gearbox-bench-") as folder:
        settings = Settings(home=Path(folder), database_url=options.database_url, kek_source="file")
        if options.events:
            vault_audit.run(settings, options.events)
        if options.keys:
            vault_rewrap.run(settings, options.keys)
    print(f"all of it in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
