"""How pages are delivered: security headers, HTTP caching, rate limits, work done once a request."""
