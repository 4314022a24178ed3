"""The forms of reports and Signals."""
