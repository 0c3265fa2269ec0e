"""What a process does on its own: sends mail, and the chores beside that. Part of the wiring."""
