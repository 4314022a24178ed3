"""The forms by which an administrator changes the settings of the review."""
