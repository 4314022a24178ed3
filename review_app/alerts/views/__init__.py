"""The pages of alerts, of signing them, of lists, and of recipients."""
