"""`python -m core`: the command line."""

from __future__ import annotations

import sys

from core import clock
from core.cli import main
from core.logs import redact_everything
from core.memory import keep_memory_private

keep_memory_private()
redact_everything()
sys.exit(main(began=clock.BEGAN))
