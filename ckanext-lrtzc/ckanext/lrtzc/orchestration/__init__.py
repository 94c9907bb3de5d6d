"""What the portal does by itself, over all rooms: what waits for a person, what goes on and comes next, what ran."""
