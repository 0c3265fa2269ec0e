"""What comes from the network, read strictly: addresses, URIs, email addresses, fetched documents.

Owns parsing and the one way out (fetch). Must not know who asks or why. No URLs.
"""
