"""The doors of accounts: signing in, people, settings."""
