"""What is written by e-mail about reports and Signals."""
