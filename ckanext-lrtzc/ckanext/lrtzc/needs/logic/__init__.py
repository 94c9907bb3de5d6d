"""Actions, rights and schemas of needs."""
