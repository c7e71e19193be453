"""One process that sends what is due: `python -m tests.alerts.one_sending URL HOME NOW`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from tests.alerts.house import opened
from tests.warehouse.books import Clock

if __name__ == "__main__":
    url, home, now = sys.argv[1:]
    with opened(url, Path(home), Clock(datetime.fromisoformat(now))) as replica:
        replica.deliverer.run()
