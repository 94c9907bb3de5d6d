"""Pure rules of links: which ends they may have, and how they are drawn."""
