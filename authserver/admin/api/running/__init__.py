"""What is asked about the installation at work: what waits to be delivered, and its health."""
