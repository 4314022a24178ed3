"""The forms of alerts and lists."""
