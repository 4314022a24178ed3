"""The forms of the avoidable-death review."""
