"""Corroboration, blind grading, reveal and the panel's decision."""
