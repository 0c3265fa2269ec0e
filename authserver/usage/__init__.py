"""What is used: tokens, refusals and sign-ins by hour and day, and quotas of clients.

Owns the meter of each process and what writes it down in batches, the figures that dashboards read,
and the exact counters of quotas. Must not know how a token is made nor who looks at figures. No
URLs of its own.
"""
