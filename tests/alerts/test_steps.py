"""What becomes of an alert, one observation at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from data.analytics.spikes import Hour, error_spike, latency_spike
from data.values.alert_delivery import Channel, ChannelForm, Silence, SilenceForm, told
from data.values.alerts import Alert, AlertState, Observation, Occasion, Rule, Severity, Side, step

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = Rule(
    "r", Severity.CRITICAL, 10, 5, lasts=timedelta(minutes=2), clears_after=timedelta(minutes=3),
    escalates_after=timedelta(minutes=30),
)  # fmt: skip


def walk(rule: Rule, values: list[float | None], every: timedelta = timedelta(minutes=1)) -> list[str]:
    """What is told while a rule sees these values, one a minute; `.` where nothing is."""
    alert: Alert | None = None
    said, number = [], 0
    for minute, value in enumerate(values):
        seen = None if value is None else Observation("g", value, "It is bad.")
        then = step(rule, alert, seen, NOW + minute * every, new=(f"a{minute}", number + 1))
        number += then.occasion is Occasion.FIRED
        said.append(then.occasion.value if then.occasion else ".")
        alert = then.alert if then.alert and then.alert.state is not AlertState.RESOLVED else None
    return said


def test_it_fires_once_it_was_bad_for_long_enough_and_only_once() -> None:
    assert walk(RULE, [10, 11, 12, 13, 14]) == [".", ".", "fired", ".", "."]
    assert walk(RULE, [10, 11, 9, 12, 13]) == ["."] * 5  # well in between: it begins anew


def test_between_the_two_limits_nothing_changes() -> None:
    assert walk(RULE, [10, 10, 10, *[7] * 20]) == [".", ".", "fired", *["."] * 20]
    assert walk(RULE, [10, 10, 10, 5, 6, 5, 5, 5, 5]) == [".", ".", "fired", *["."] * 5, "resolved"]


def test_what_is_not_seen_any_more_is_well_again() -> None:
    assert walk(RULE, [10, 10, 10, None, None, None, None])[-1] == "resolved"


def test_where_less_is_worse_both_limits_turn() -> None:
    disk = Rule("disk", Severity.CRITICAL, 10, 12, side=Side.BELOW)
    assert walk(disk, [20, 10, 11, 11.9, 12, 9]) == [".", "fired", ".", ".", "resolved", "fired"]


def test_it_escalates_once_unless_somebody_takes_it_on() -> None:
    said = walk(RULE, [10] * 60)
    assert said.index("escalated") == 32 and said.count("escalated") == 1
    fired = Alert(
        "a", "r", "g", 1, AlertState.FIRING, Severity.CRITICAL, 0, NOW, 10, 10, "", NOW, acknowledged_at=NOW
    )  # fmt: skip
    later = step(RULE, fired, Observation("g", 10, ""), NOW + timedelta(hours=9), new=("", 0))
    assert later.occasion is None


def test_a_rule_that_is_turned_off_ends_its_alerts_at_once() -> None:
    fired = Alert("a", "r", "g", 1, AlertState.FIRING, Severity.CRITICAL, 0, NOW, 10, 10, "", NOW)
    assert step(replace(RULE, is_on=False), fired, Observation("g", 10, ""), NOW, new=("", 0)).occasion == "resolved"


def test_each_firing_has_an_id_of_its_own() -> None:
    one = Alert("a", "r", "g", 1, AlertState.FIRING, Severity.WARNING, 0, NOW, 1, 1, "")
    ids = {one.dedupe_id, replace(one, number=2).dedupe_id, replace(one, group="h").dedupe_id}
    assert len(ids) == 3 and replace(one, id="b", value=5).dedupe_id == one.dedupe_id


def test_who_hears_of_it() -> None:
    alert = Alert("a", "r", "g", 1, AlertState.FIRING, Severity.WARNING, 0, NOW, 1, 1, "", NOW)
    every = Channel("e", "", ChannelForm.PLACE, "s", Severity.WARNING, False, True, "ada", NOW)
    urgent = replace(every, id="u", least=Severity.CRITICAL)
    boss = replace(every, id="b", is_escalation=True)
    channels = [every, urgent, boss, replace(every, id="off", is_on=False)]
    assert [each.channel_id for each in told(alert, Occasion.FIRED, channels, [], NOW)] == ["e"]
    assert [each.channel_id for each in told(alert, Occasion.ESCALATED, channels, [], NOW)] == ["b"]
    assert [each.channel_id for each in told(alert, Occasion.RESOLVED, channels, [], NOW)] == ["e"]
    escalated = replace(alert, severity=Severity.CRITICAL, escalated_at=NOW)
    assert [each.channel_id for each in told(escalated, Occasion.RESOLVED, channels, [], NOW)] == ["e", "u", "b"]
    silence = Silence("s", SilenceForm.SILENCE, "r", "", NOW, NOW + timedelta(hours=1), "", "ada", NOW)
    assert told(alert, Occasion.FIRED, channels, [silence], NOW) == []
    assert told(alert, Occasion.FIRED, channels, [replace(silence, group="other")], NOW) != []
    assert told(alert, Occasion.FIRED, channels, [silence], NOW + timedelta(hours=1)) != []


def test_failures_are_held_against_the_same_hour_of_past_weeks() -> None:
    even = [Hour(200, 4)] * 4
    assert error_spike(Hour(60, 20), even)[0] > 4
    assert error_spike(Hour(60, 3), even)[0] == 0  # three are no news
    assert error_spike(Hour(60, 20), [Hour(200, 70)] * 4)[0] == 0  # it is always like this at that hour
    assert error_spike(Hour(60, 20), [])[0] > 4  # and without a past, a twentieth is usual


def test_late_answers_are_held_against_the_same_hour_of_past_weeks() -> None:
    even = [Hour(200, 0, 200, 400.0 + week) for week in range(4)]
    assert latency_spike(Hour(60, 0, 60, 2000.0), even)[0] > 4
    assert latency_spike(Hour(60, 0, 60, 500.0), even)[0] == 0
    assert latency_spike(Hour(60, 0, 60, 2000.0), [])[0] == 0  # nothing to hold it against
