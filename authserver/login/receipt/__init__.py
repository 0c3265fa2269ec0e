"""/login/receipt: where the last mail leads. For people who have no account any more."""
