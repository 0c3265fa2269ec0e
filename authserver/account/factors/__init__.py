"""The pages on which a person changes their own second factors.

Owns what is asked and shown there: an app is added, renamed, removed; backup codes are made anew
and kept; a browser is trusted no more. Must not decide what may be done: `mfa.own` and `mfa.trust`
do. URLs: /account/factors/*.
"""
