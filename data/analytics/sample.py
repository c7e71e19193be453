"""How the queries behind the pages tell sample data from what people really did."""

from __future__ import annotations

from data.values.sample import SAMPLE_PREFIX

IS_SAMPLE = f"starts_with(user_id, '{SAMPLE_PREFIX}')"
"""Of a row: it is of a made-up person. Put into statements as it is: a constant of ours."""

REAL_PEOPLE = f"count(DISTINCT user_id) FILTER (NOT {IS_SAMPLE})"
PEOPLE_BEHIND = f"CASE WHEN {REAL_PEOPLE} = 0 THEN count(DISTINCT user_id) ELSE {REAL_PEOPLE} END"
"""How many people are behind a number for those rules that keep small groups out of sight. Real ones alone as soon as
there are any: made-up people hide nobody, as anybody can make the same ones again and take them out."""
