"""What the tests share: an installation in a database, a browser, and clients' half of the flows."""
