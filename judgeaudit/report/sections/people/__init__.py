"""Sections about the people: their agreement, each rater, whether a judge could replace one, other reference rules."""
