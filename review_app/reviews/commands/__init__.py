"""What can be asked of the avoidable-death review, one dataclass a verb, one module for each part of the work."""
