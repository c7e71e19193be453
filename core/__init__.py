"""What Gearbox decides: access, keys, providers, turns. Keeping and computing are `data`'s."""
