"""Writers of the warehouse as processes of their own, forked from one that has imported them."""

from __future__ import annotations

import atexit
import os
from functools import cache

from tests.forking import Forking, serve


@cache
def forking() -> Forking:
    """The one of this process, started when it is first needed."""
    started = Forking(
        "tests.warehouse.forking", {"OPENBLAS_NUM_THREADS": "1"}
    )  # its threads would be missing in a fork
    atexit.register(started.close)
    return started


if __name__ == "__main__":
    import duckdb  # noqa: F401
    import polars  # noqa: F401

    import tests.warehouse.drain_until_killed  # noqa: F401

    serve()
    os._exit(0)  # DuckDB's binding has much to say about an end with nothing else to do
