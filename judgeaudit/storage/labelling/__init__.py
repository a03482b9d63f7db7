"""Labelling on disk: rounds, locks, servers met, and annotations.jsonl, which is only ever appended to (`book.py`)."""
