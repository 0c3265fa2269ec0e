"""The installation at work: what is to be delivered, and its health."""
