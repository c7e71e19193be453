"""What people and teams in rules are called."""

from __future__ import annotations

from collections import Counter

from data.values.actor import Role
from data.values.flags import Attribute
from pages.flags.words import Names
from pages.visit import Visit


def names_of(visit: Visit) -> Names:
    """Names by id, for what rules can name by one."""
    listed = [person for person in visit.services.people.list(visit.actor) if person.forgotten_at is None]
    often = Counter(person.display_name for person in listed)
    people = {
        person.id: f"{person.display_name} ({person.email or person.id[:8]})"
        if often[person.display_name] > 1
        else person.display_name
        for person in listed
    }
    teams = {team.id: team.name for team in visit.services.teams.list(visit.actor)}
    return {
        Attribute.USER: people,
        Attribute.TEAM: teams,
        Attribute.ROLE: {role.value: role.value for role in Role},
        Attribute.EMAIL_DOMAIN: {},
        Attribute.ENVIRONMENT: {},
    }
