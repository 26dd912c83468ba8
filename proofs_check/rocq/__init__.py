"""Theorems for all sizes, checked by Coq about the very matrices that run."""
