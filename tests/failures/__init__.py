"""Failures of school platforms that happened in public, re-enacted here (docs/failures.md)."""
