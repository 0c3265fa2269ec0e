"""What is stored about people, for whoever answers for it."""
