"""What is learned from reviews: learning points and their themes, recommendations, and actions with their owners."""
