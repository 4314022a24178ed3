"""The states and moves of the avoidable-death review, and the small decisions that several use cases share."""
