"""The use cases of alerts and lists."""
