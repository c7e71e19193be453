"""Pure frozen value types that every layer may import. Imports nothing of ours."""
