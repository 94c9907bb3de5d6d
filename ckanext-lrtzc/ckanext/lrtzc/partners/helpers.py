"""Helpers of the room's templates."""
