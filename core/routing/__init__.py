"""Which model answers: what each can take, what was learned of it, and every decision in words."""
