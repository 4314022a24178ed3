"""Reports to the local drug information system, their triage, and the Signals that gather reports of one batch."""
