"""The trail leaves the server: to files, to syslog (RFC 5424), to servers that collect it.

Owns where streams lead, how far each has come in the trail of each tenant, and the worker that
moves them on. The trail waits for nobody: what a stream does not take stays where it is. Must not
know what an event says. No URLs of its own.
"""
