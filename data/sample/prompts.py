"""What the people of the sample data ask on one day, and which model is chosen for it: arrays, one place a prompt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.sample.company import JOBS, OUTAGE_HOURS, Company
from data.sample.models import (
    DEFAULT,
    MODELS,
    NEW,
    OUT,
    PICTURE,
    PROVIDERS,
    SHARES,
    TASKS,
    VECTORS,
    VOICE,
    Floats,
    Ints,
    Mask,
    quality,
)
from data.values.routing import Chooser
from data.values.tasks import Task

CHOOSERS = (Chooser.POLICY, Chooser.PIN, Chooser.FIXED, Chooser.PERSON)
_CHOSEN = np.cumsum((0.60, 0.08, 0.07, 0.25))
NOBODY = len(CHOOSERS)
"""In the place of a chooser: of what does not chat, and of programs, nothing was decided."""

HOUR, MINUTE = 3_600_000_000, 60_000_000  # microseconds
_VECTORS = 0.55  # of the prompts of programs
_TRIES = 0.1  # of the prompts of the curious, at the period's end
_FAILING = 0.018
_OUT_FAILING = 0.94
_HELPED = 0.85  # of the failed ones by another model


@dataclass(frozen=True)
class Prompts:
    """Of one day, in the order of time.

    Args:
        ts: microseconds since 1970.
        person, task, model, chooser: places in the company, `TASKS`, the models and `CHOOSERS`.
        propensity: of the policy's choices.
        explored: another than the best-looking model.
        failed, helped: the call failed; a fallback answered then, which is `model_after`.
    """

    ts: Ints
    person: Ints
    task: Ints
    model: Ints
    chooser: Ints
    is_api: Mask
    propensity: Floats
    explored: Mask
    failed: Mask
    helped: Mask
    model_after: Ints


def prompts(rng: np.random.Generator, company: Company, day: int, a_day: float) -> Prompts:
    """All of one day; `a_day` as in `Company.rates`."""
    rates = company.rates(day, a_day) * rng.lognormal(0.0, 0.07)
    person = np.repeat(np.arange(len(rates)), rng.poisson(rates))
    n = len(person)
    midnight = int(company.midnight(day).timestamp()) * 1_000_000
    hour = rng.choice(24, size=n, p=company.hours(day))
    ts = midnight + hour * HOUR + rng.integers(HOUR, size=n)
    order = np.argsort(ts, kind="stable")
    ts, hour, person = ts[order], hour[order], person[order]
    is_api = rng.random(n) < company.programs[person]
    is_vectors = is_api & (rng.random(n) < _VECTORS)
    task = np.where(is_vectors, TASKS.index(Task.OTHER), _drawn(rng, JOBS[company.job[person]]))
    tries = ~is_api & company.curious[person] & (rng.random(n) < _TRIES * company.progress(day))
    task = np.where(tries, np.where(rng.random(n) < 0.6, TASKS.index(Task.IMAGE), TASKS.index(Task.SPEECH)), task)
    chats = ~is_vectors & (task != TASKS.index(Task.IMAGE)) & (task != TASKS.index(Task.SPEECH))
    chooser = np.where(chats & ~is_api, np.searchsorted(_CHOSEN, rng.random(n) * _CHOSEN[-1], "right"), NOBODY)
    model, propensity, explored = _models(rng, company, day, person=person, task=task, chooser=chooser)
    special = np.where(is_vectors, VECTORS, np.where(task == TASKS.index(Task.IMAGE), PICTURE, VOICE))
    model = np.where(chats, model, special)
    failed = rng.random(n) < _failing(company, day, hour, model)
    helped = failed & chats & ~is_api & (rng.random(n) < _HELPED)
    second = np.where(PROVIDERS[model] == "openai", 3, 1)
    after = np.where(helped, second, model)
    return Prompts(ts, person, task, model, chooser, is_api, propensity, explored, failed, helped, after)


def policy(company: Company, day: int) -> Floats:
    """How likely the policy is to choose each chatting model, by task."""
    surer = 12 + 30 * company.progress(day)  # it learns
    weights = np.exp(surer * (quality(company.progress(day)) - 0.8))
    weights += 0.02 * weights.max(axis=1, keepdims=True)
    if day < company.new_model:
        weights[:, NEW] = 0.0
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def there(company: Company, day: int) -> list[int]:
    """Chatting models that can be chosen on this day."""
    return [place for place in range(len(MODELS)) if place != NEW or day >= company.new_model]


def _models(
    rng: np.random.Generator, company: Company, day: int, *, person: Ints, task: Ints, chooser: Ints
) -> tuple[Ints, Floats, Mask]:
    shares = policy(company, day)
    drawn = _drawn(rng, shares[task])
    best = shares.argmax(axis=1)[task]
    picked = company.favourite[person]
    if day >= company.new_model:  # word gets around
        liked = 1.6 * float(SHARES[NEW]) * (day - company.new_model) / max(1, company.days - company.new_model)
        picked = np.where(rng.random(len(person)) < liked, NEW, picked)
    by_policy = chooser == CHOOSERS.index(Chooser.POLICY)
    model = np.where(by_policy, drawn, np.where(chooser == CHOOSERS.index(Chooser.FIXED), DEFAULT, picked))
    return model, shares[task, model], by_policy & (model != best)


def _failing(company: Company, day: int, hour: Ints, model: Ints) -> Floats:
    """How likely each call is to fail."""
    if day != company.outage:
        return np.full(len(hour), _FAILING)
    first, last = OUTAGE_HOURS
    out = (PROVIDERS[model] == MODELS[OUT].provider) & (hour >= first) & (hour < last)
    return np.where(out, _OUT_FAILING, _FAILING)


def _drawn(rng: np.random.Generator, weights: Floats) -> Ints:
    """One place a row, as likely as its weight."""
    upto = weights.cumsum(axis=1)
    at = rng.random(len(weights)) * upto[:, -1] if len(weights) else np.zeros(0)
    drawn: Ints = np.minimum((upto <= at[:, None]).sum(axis=1), weights.shape[1] - 1)
    return drawn
