"""Actions and rights of orchestration."""
