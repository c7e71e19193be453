"""The registry: every model that is known, what it can do and who says so, what it costs, and who can use it."""
