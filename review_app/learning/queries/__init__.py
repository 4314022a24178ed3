"""Reads of learning, narrowed to what the person may know."""
