"""Actions, rights and schemas of diffusion."""
