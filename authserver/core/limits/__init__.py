"""How many requests are too many. Owns counting over time, in the process or through Redis.

Must not know who is counted, nor what is answered to one request too many.
"""
