"""The pages of the avoidable-death review."""
