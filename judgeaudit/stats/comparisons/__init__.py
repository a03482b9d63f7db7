"""Tests for raters on the same items: exact, matched, paired, and the change between two audits."""
