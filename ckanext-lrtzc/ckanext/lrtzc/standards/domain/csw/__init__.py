"""Catalogue Service for the Web 2.0.2 (OGC 07-006r1), HTTP binding: requests, filters, answers; no CKAN in here."""
