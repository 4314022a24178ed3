"""Attachments: encrypted bytes that any machine can serve."""
