"""The pages of reports and Signals."""
