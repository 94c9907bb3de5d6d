"""Data that is published as open without a hand, once nothing holds it back; and what holds the other back."""
