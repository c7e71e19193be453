"""What is known of models by task, and how a choice is drawn from it. Pure: no SQL, no page, chance from an rng."""
