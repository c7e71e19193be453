"""The model choice in replay, beside the ways that others choose by: `uv run python -m bench.routing --table FILE`."""
