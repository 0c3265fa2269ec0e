"""What is stored of people: what they decided, asked for, and why it is kept."""
