"""Values that every part speaks in: sentences with values in them, and orders of lists."""
