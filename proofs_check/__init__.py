"""Checking the claims; nothing is imported here, so that the kernel runs on a bare Python."""
