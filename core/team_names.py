"""What teams are called beside numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from data.analytics.usage_values import NO_TEAM
from data.values.sample import sample_team_name


def called(teams: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """What to call each of these teams, in the order of that. No two are called the same, for lists to choose from.

    Args:
        teams: ids.
        names: of the teams that there are, by id.
    """
    found = {team: sample_team_name(team) or names.get(team) or f"A former team ({team[-6:]})" for team in teams}
    if NO_TEAM in found:
        found[NO_TEAM] = "No team"
    return dict(sorted(found.items(), key=lambda each: (each[0] == NO_TEAM, each[1].casefold())))
