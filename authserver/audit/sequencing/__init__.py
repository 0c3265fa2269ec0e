"""The sequencer: gives each tenant's events their numbers, chains them and lets its tree grow.

Owns who does that, one process at a time, and how proofs are read from what it keeps. Must not know
what an event says, nor HTTP. No URLs.
"""
