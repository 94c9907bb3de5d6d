"""Exploring data: table, statistics, map, charts, and exports of what one sees."""
