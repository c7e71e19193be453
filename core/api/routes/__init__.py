"""`/api`: what pages and the command line can do, for programs; and `/metrics`.

Each module here is one area; none decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import BaseRoute, Route

from core.api.answers import Api
from core.api.described import DescribedRoute
from core.api.routes import (
    access_rules,
    alerts,
    audit,
    connections,
    evidence,
    flags,
    keys,
    metrics,
    people,
    registry,
    retention,
    tokens,
    vault,
    workspace,
)
from core.api.routes.documents import document_routes
from core.api.unknown import Unknown

AREAS = (
    tokens,
    connections,
    keys,
    people,
    access_rules,
    retention,
    workspace,
    vault,
    audit,
    evidence,
    registry,
    flags,
    alerts,
    metrics,
)


def api_routes(api: Api, beside: Iterable[BaseRoute] = ()) -> list[BaseRoute]:
    """All of them, and at last what answers where there is none.

    Args:
        beside: routes made elsewhere that the document describes, too.
    """
    elsewhere = [route for route in beside if isinstance(route, DescribedRoute)]
    routes: list[Route] = [route for area in AREAS for route in area.routes(api)]
    told = [*(route for route in routes if isinstance(route, DescribedRoute)), *elsewhere]
    routes = [*document_routes(api, lambda: told), *routes]
    return [*routes, *(Unknown(root, [*routes, *elsewhere]) for root in ("/api", "/metrics"))]
