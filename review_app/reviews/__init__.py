"""Avoidable-death reviews: notification, inclusion, agency returns, chronology, meetings, findings, closure."""
