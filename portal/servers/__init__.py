"""The two servers that `portal.embedded` runs when the environment names none."""
