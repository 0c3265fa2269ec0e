"""The sign-in as a state machine: any order of requests, and what may never come of it."""
