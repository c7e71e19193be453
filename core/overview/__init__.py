"""One look at how everything is doing."""
