"""The use cases of the avoidable-death review."""
