"""Pure rules of exploring: what a view is, how an address says it, how numbers become pictures."""
