"""What is heeded at every call that a process makes, whichever event loop makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.providers.circuits import Circuits
from core.providers.facts import Facts
from core.providers.learned import Learned
from core.providers.limits import Limits
from core.providers.patience import Patience
from data.values.actor import Actor


@dataclass(frozen=True, slots=True)
class Precautions:
    """One set for a process: a person's limit counts chat and API, and what one finds out the other knows. Thread-safe.

    `circuits` say which models are left alone, `limits` what people and keys may do, `learned` what models refuse,
    `facts` what they were seen to do, `patience` how often and how long a failing one is asked,
    `prompts_tools` for whom models that take no tools are told of them in words.
    """

    circuits: Circuits = field(default_factory=Circuits)
    limits: Limits = field(default_factory=Limits)
    learned: Learned = field(default_factory=Learned)
    facts: Facts = field(default_factory=Facts)
    patience: Patience = field(default_factory=Patience)
    prompts_tools: Callable[[Actor], bool] = lambda _actor: True
