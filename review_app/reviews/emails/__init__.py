"""What is written by e-mail about reviews of deaths: that something waits and where, never what it says."""
