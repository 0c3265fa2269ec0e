"""What administers people, and imports them: part of the wiring."""
