"""What a bandit's arms showed, as it is seen with a prior or without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from data.learning.routing.shrinkage import Outlook, Seen, borne_out, evidence, levels, seen


@dataclass(slots=True)
class View:
    """One way to see what was observed; `look` keeps it up to date, some arms at a time.

    Args:
        outlook: what was expected, changed in place.
        means, variances: what is known of the arms' effects now, (arms, tasks).
        levels: of the tasks, (tasks,).
        evidence: log density of everything seen; see `shrinkage.evidence`.
    """

    outlook: Outlook
    means: Any
    variances: Any
    levels: Any
    evidence: float
    _seen: Seen

    @classmethod
    def of(cls, arms: int, tasks: int) -> View:
        """Of nothing yet: neither is an outlook set nor was anything seen."""
        outlook = Outlook(np.zeros((arms, tasks)), np.zeros((arms, tasks, tasks)))
        nothing = Seen(np.zeros((arms, tasks, tasks)), np.zeros((arms, tasks)), np.zeros(arms))
        return cls(outlook, np.zeros((arms, tasks)), np.zeros((arms, tasks)), np.zeros(tasks), 0.0, nothing)

    def expect(self, arms: Any, outlook: Outlook) -> None:
        """From now on that of some arms; `look` at them next."""
        self.outlook.means[arms], self.outlook.covariances[arms] = outlook.means, outlook.covariances

    def look(self, arms: Any, counts: Any, means: Any, noise: float, *, known: Any, precision: Any) -> None:
        """At all that some arms showed: counts and means of observations, (those arms, tasks).

        The levels are everybody's, so all arms' means change. Levels known before and their precision: (tasks,).
        """
        part = Outlook(self.outlook.means[arms], self.outlook.covariances[arms])
        found = seen(part, counts, means, noise)
        self._seen.precisions[arms], self._seen.pulls[arms] = found.precisions, found.pulls
        self._seen.misfits[arms] = found.misfits
        gained = np.einsum("mtu,muv,mvt->mt", part.covariances, found.precisions, part.covariances)
        self.variances[arms] = np.maximum(np.diagonal(part.covariances, axis1=1, axis2=2) - gained, 0.0)
        self.levels, _ = levels(self._seen, known, precision)
        self.evidence = evidence(self._seen, known, precision)
        off = self._seen.pulls - self._seen.precisions @ self.levels
        self.means = self.outlook.means + (self.outlook.covariances @ off[:, :, None])[:, :, 0]


def mixed(views: list[View]) -> tuple[Any, Any, Any]:
    """Means and variances of the effects, (arms, tasks), and levels (tasks,): of the view with the prior, which is the
    first, and of the one without, as likely as what was seen makes them.
    """
    if len(views) == 1:
        return views[0].means, views[0].variances, views[0].levels
    one, other = views
    share = borne_out(one.evidence, other.evidence)
    means = share * one.means + (1.0 - share) * other.means
    between = share * (1.0 - share) * (one.means - other.means) ** 2
    variances = share * one.variances + (1.0 - share) * other.variances + between
    return means, variances, share * one.levels + (1.0 - share) * other.levels
