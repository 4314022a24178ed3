"""What can be asked of reports and Signals, one dataclass a verb."""
