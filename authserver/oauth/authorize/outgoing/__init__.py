"""How an answer leaves for the client: by which response mode, and who is asked before.

Owns the shape of answers. Must not know what was decided, nor by whom. No URLs of its own.
"""
