"""Partner portals: declared, tried, harvested on a schedule, and accounted for (HRV-1 to HRV-5)."""
