"""What administrators see of people, and do for them.

Owns how people are searched, what is shown of one, which acts there are and who may do them to
whom, and how many at once are imported. The API, the console and commands share it; what happens to
an account, its roles, factors and sessions is done by the services of those. Must not know a URL.
"""
