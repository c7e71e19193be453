"""Time zones by the names that people and models give them."""

from __future__ import annotations

import difflib
import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from core.errors import GearboxError

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_FURTHEST = timedelta(hours=14)


def zone_of(name: str) -> tzinfo:
    """The zone: by its IANA name in any case, its city, or as an offset like `+05:30`.

    A name is only looked up in a list, never opened as a file.

    Raises:
        GearboxError: it is not known, or a city that several zones are named after; says which ones are near.
    """
    wanted = name.strip().replace("−", "-")
    if (offset := _offset(wanted)) is not None:
        return offset
    found = _known().get(_plain(wanted), ())
    if len(found) == 1:
        return ZoneInfo(found[0])
    near = found or tuple(difflib.get_close_matches(wanted, sorted(available_timezones()), 3, 0.6))
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise GearboxError(f"There is no time zone {name[:40]!r}.{hint} Use a name like Europe/Berlin, or UTC.")


def zone_name(moment: datetime) -> str:
    """What the zone of a moment is called: its IANA name, or its offset."""
    key = getattr(moment.tzinfo, "key", None)
    return key if isinstance(key, str) else str(moment.tzinfo)


def _offset(text: str) -> tzinfo | None:
    read = _OFFSET.fullmatch(text)
    if read is None:
        return None
    size = timedelta(hours=int(read[2]), minutes=int(read[3] or 0))
    if size > _FURTHEST:
        raise GearboxError(f"No time zone is {text!r} from UTC: they go to 14 hours.")
    return timezone(-size if read[1] == "-" else size)


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_")


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[str, ...]]:
    """Zones by their whole names, and by their cities where no whole name is the same."""
    zones = sorted(available_timezones())
    cities: dict[str, tuple[str, ...]] = {}
    for zone in zones:
        if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/", "US/", "Brazil/", "Canada/")):
            city = _plain(zone.rpartition("/")[2])
            cities[city] = (*cities.get(city, ()), zone)
    return cities | {_plain(zone): (zone,) for zone in zones} | {"z": ("UTC",)}
