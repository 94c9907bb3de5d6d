"""What people propose waits for moderators, whose votes decide by a policy: the same workflow for all (MOD-1..6)."""
