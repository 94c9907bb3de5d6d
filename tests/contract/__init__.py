"""What holds for the portal as a whole: every action, address, room and component."""
