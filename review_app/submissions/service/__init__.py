"""The use cases of reports and Signals."""
