"""Reads of alerts, lists and deliveries, narrowed to what the person may know."""
