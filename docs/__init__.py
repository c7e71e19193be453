"""Pictures for the guide: `uv run python -m docs.take_screenshots`."""
