"""Typed, dated, reversible links between records, and records shared with a neighbour."""
