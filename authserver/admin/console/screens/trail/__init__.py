"""The trail of a tenant: a timeline, and one event with what was before and after."""
