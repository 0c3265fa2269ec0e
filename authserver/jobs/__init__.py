"""Long work in the background: rows that workers claim, with progress, and a report of refusals.

Owns how work is opened, handed over in parts, done step by step, resumed after a process died, and
called off. Must not know what the work is: a `Handler` for each kind does a step of it, in one
transaction with its progress, so that nothing is done twice and nothing left out. No URLs.
"""
