"""What the tests share: an installation in a database, a browser, and a client's half of flows."""
