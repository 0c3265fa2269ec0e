"""What leaves the server for others: webhooks, streams of the trail, and by which rules."""
