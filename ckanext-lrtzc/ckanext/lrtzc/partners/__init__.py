"""Partner portals that we harvest: declared, previewed, scheduled, reported."""
