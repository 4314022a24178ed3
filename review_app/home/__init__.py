"""What is waiting for the person signed in."""
