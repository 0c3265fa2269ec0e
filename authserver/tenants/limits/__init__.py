"""How much of something a tenant may have, and what it has booked.

Owns named limits, what is used of them, and flags. `users` is counted here at every entry; what
else is limited (cloud instances, anything) is counted by whoever makes it, through `take` and
`release`. Must not know people: what counts them is given by the wiring. No URLs of its own.
"""
