"""How deliveries are made: claimed, signed, posted, and what became of each attempt noted.

Must not know who may change an endpoint, nor which events there are.
"""
