"""How long data is kept, what must not be destroyed for now, and proof of what was."""
