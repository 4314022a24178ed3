"""What is run by hand to keep the repository, and never by the product."""
