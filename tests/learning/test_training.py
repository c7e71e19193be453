"""The examples, and that the packaged parameters are the ones that come of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from data.learning.corpus import examples
from data.learning.linear import packaged
from data.values.plans import Output

EXAMPLES = examples()


def test_there_are_many_in_many_languages() -> None:
    assert len({each.prompt.lower() for each in EXAMPLES}) >= 1_500
    languages = Counter(each.language for each in EXAMPLES)
    assert sum(count >= 150 for count in languages.values()) >= 5
    assert len({each.family for each in EXAMPLES if each.family < 100_000}) >= 500, "templates, each of them written"


def test_every_output_alone_and_with_others_is_among_them() -> None:
    sets = Counter(each.outputs for each in EXAMPLES)
    for output in Output:
        assert sets[frozenset({output})] >= 100
    assert sets[frozenset({Output.TEXT, Output.IMAGE, Output.SPEECH})] >= 20


def test_slots_are_filled() -> None:
    assert not [each.prompt for each in EXAMPLES if "\0" in each.prompt or "|" in each.prompt]
    assert examples() == EXAMPLES, "the same ones every time"


@pytest.mark.campaign
def test_training_gives_the_packaged_parameters() -> None:
    """Held to it by one column; all of them take a minute."""
    from data.learning.train import trained

    columns = ("speech",)
    made, kept = trained(EXAMPLES, columns), packaged()
    assert made.names == columns
    places = [kept.names.index(name) for name in columns]
    np.testing.assert_allclose(made.scales, kept.scales[places], rtol=0.02)
    np.testing.assert_allclose(made.offsets, kept.offsets[places], atol=0.05)
    differing = np.abs(made.weights.astype(int) - kept.weights[places].astype(int))
    assert differing.max() <= 2, "other processors round otherwise, and no further"
