"""The tools that Gearbox brings along, one small file each."""
