"""What keeps clients and what lets them work, put together."""
