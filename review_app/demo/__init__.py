"""Plainly invented people, places and reports."""
