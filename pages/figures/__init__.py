"""What pages of numbers have in common: how they begin, what they are drawn with, their place in the address."""
