"""Fuzzing of everything that reads: ``python -m tests.fuzz``; see docs/security.md."""
