"""Tools in words: how a model without native tool calls is told of tools, and how its calls are read from its text."""
