"""Weekly reports: what they say, where they go, and who sees to it that they do."""
