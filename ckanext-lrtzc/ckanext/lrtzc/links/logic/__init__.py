"""Actions, rights and schemas of links."""
