"""Actions, rights and schemas of moderation."""
