"""How fast the usage warehouse takes events in, and how fast the pages of numbers are over it."""
