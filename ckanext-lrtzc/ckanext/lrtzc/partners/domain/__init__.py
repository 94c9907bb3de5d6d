"""Pure rules of harvesting: kinds of partners, what a record becomes here, identity, schedule."""
