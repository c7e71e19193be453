"""What the Quality page says: grades, shares and estimates as an analyst reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from core.quality import QualityView, Way
from data.analytics.usage import Spend
from data.learning.routing.grades import OBSERVATIONS_AT_LEAST, THRESHOLDS
from data.learning.routing.offpolicy import ENOUGH, Estimate
from data.values.routing import Graded
from pages.usage_words import NONE, NOT_PRICED, money

FALLING, RISING = "↓", "↑"


def letter(graded: Graded) -> str:
    """The grade with its drift, "–" while there is none."""
    drift = "" if graded.drift is None else FALLING if graded.drift < 0 else RISING
    return (graded.grade or NONE) + drift


def share(value: float) -> str:
    """83%."""
    return f"{value:.0%}"


def interval(estimate: Estimate | Graded) -> str:
    """78–88%; an estimate that went beyond what can be is cut there."""
    low, high = max(0.0, estimate.low), min(1.0, estimate.high)
    return f"{low * 100:.0f}–{high * 100:.0f}%"


def with_interval(estimate: Estimate) -> str:
    """83% (78–88%)."""
    return f"{share(min(1.0, max(0.0, estimate.value)))} ({interval(estimate)})"


def observations(n: float) -> str:
    """Effective numbers are no whole ones; one digit says so."""
    return f"{n:,.1f}" if n < 100 else f"{n:,.0f}"


def hover(graded: Graded) -> str:
    """One cell of the heat map in a line each."""
    lines = [
        f"<b>{graded.model_id}</b> at {graded.task}",
        f"good: {share(graded.quality)}, with 90% certainty {interval(graded)}",
        f"n = {observations(graded.n)}",
    ]
    if graded.grade is None:
        lines.append("too few for a letter" if graded.n < OBSERVATIONS_AT_LEAST else "too unsure for a letter")
    if graded.drift is not None:
        lines.append(f"lately {graded.drift * 100:+.0f} points against all of it")
    return "<br>".join(lines)


def thresholds() -> str:
    """A from 90%, A- from 85%, ..."""
    return ", ".join(f"{grade} from {share(least)}" for grade, least in THRESHOLDS.items() if least)


def dollars(amount: Decimal | None) -> str:
    """Of an answer."""
    return NOT_PRICED if amount is None else money(Spend("USD", amount))


def way_row(way: Way) -> dict[str, object]:
    """One line of the table of other ways of choosing."""
    earned = way.earned
    sure = earned is not None and earned.enough
    return {
        "Always": way.model_id,
        "Good answers": with_interval(earned.dr) if earned and sure else NONE,
        "Worth trials": round(earned.effective, 1) if earned else 0.0,
        "An answer costs": dollars(way.costs[0] if way.costs else None),
        "Gearbox's cost there": dollars(way.costs[1] if way.costs else None),
        "IPS": with_interval(earned.ips) if earned and sure else NONE,
        "SNIPS": with_interval(earned.snips) if earned and sure else NONE,
    }


def verdict(view: QualityView) -> str:
    """What the router's choices earned and cost, against the best single model."""
    if view.own is None:
        return (
            "Too little was shown of the answers that Gearbox chose the model for to say how many were good. That "
            f"takes about {ENOUGH:.0f} thumbs, by at least three people where it is not all your own."
        )
    good = with_interval(view.own)
    said = f"Of the answers that Gearbox chose the model for, **{good}** were good, by what was shown of {view.judged}."
    best = next((way for way in view.ways if way.earned and way.earned.enough), None)
    if best is None or best.earned is None:
        return (
            f"{said} No single model was tried often enough by chance to say what always taking it would have earned."
        )
    said += f" Always taking the best single model would have given an estimated **{with_interval(best.earned.dr)}**"
    if best.costs is None:
        return f"{said}; its price is not known for enough prompts to compare the cost."
    always, chosen = best.costs
    return f"{said}, at {dollars(always)} an answer; on the same prompts Gearbox's choices were {dollars(chosen)}."


HOW_ESTIMATED = (
    "What always taking one model would have earned is estimated from the choices that Gearbox made itself, because "
    "each had a known chance: an answer by a model that was unlikely to be chosen stands for many that were not tried. "
    "**Worth trials** says how sure that is: as sure as so many prompts, all answered by that model (the effective "
    f"sample size). Below {ENOUGH:.0f} nothing is said. *Good answers* is the doubly robust estimate, which also uses "
    "what was expected of the models before; *IPS* and *SNIPS* use only what happened. Where the three differ much, "
    "trust none. All are of answers that somebody judged, and people don't judge at random. The best of many models "
    "looks better than it is, because it was picked for that."
)


def grade_rows(graded: Iterable[Graded]) -> list[dict[str, object]]:
    """The heat map as a table."""
    return [
        {
            "Model": each.model_id,
            "Task": each.task.value,
            "Grade": each.grade.value if each.grade else "",
            "Good answers": round(each.quality, 4),
            "From": round(each.low, 4),
            "To": round(each.high, 4),
            "n": round(each.n, 1),
            "Lately": None if each.drift is None else round(each.drift, 4),
        }
        for each in graded
    ]


def moved_rows(view: QualityView) -> list[dict[str, object]]:
    """How grades moved, as a table."""
    return [
        {"At": _iso(at), **row} for points in view.moved.values() for at, each in points for row in grade_rows([each])
    ]


def choice_rows(view: QualityView) -> list[dict[str, object]]:
    """How models were chosen, as a table."""
    return [
        {"From": _iso(each.start), "Gearbox": each.policy, "of them to learn": each.explored, "others": each.others}
        for each in view.choices
    ]


_ESTIMATORS = {"Good answers": "dr", "SNIPS": "snips", "IPS": "ips"}


def way_rows(view: QualityView) -> list[dict[str, object]]:
    """The estimates as a table, by the names they have on the page."""
    found: list[dict[str, object]] = []
    for way in view.ways:
        row: dict[str, object] = {"Always": way.model_id}
        for name, estimator in _ESTIMATORS.items():
            one: Estimate | None = getattr(way.earned, estimator) if way.earned else None
            values = (one.value, one.low, one.high) if one else (None, None, None)
            row |= {
                f"{name}{end}": None if value is None else round(value, 4)
                for end, value in zip(("", " from", " to"), values, strict=True)
            }
        row["Worth trials"] = round(way.earned.effective, 1) if way.earned else 0.0
        row["Judged choices"] = way.earned.n if way.earned else 0
        costs = way.costs or (None, None)
        row["An answer costs, USD"], row["Gearbox's cost there, USD"] = (
            None if cost is None else round(cost, 6) for cost in costs
        )
        found.append(row)
    return found


def duel_rows(view: QualityView) -> list[dict[str, object]]:
    """Who won against whom, as a table."""
    return [
        {
            "Model": duel.model_id,
            "Against": duel.against,
            "Won": duel.wins,
            "Tied": duel.ties,
            "Comparisons": duel.n,
            "Share": round(duel.share, 4),
            "From": round(duel.low, 4),
            "To": round(duel.high, 4),
        }
        for duel in view.duels
    ]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
