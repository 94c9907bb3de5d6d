"""Business objects: their schemas, their forms, and the territory they describe."""
