"""Benchmarks, run as modules; BLAS gets one thread, as at the command line, before NumPy is imported."""

from proofs_check.cli import begun

begun(())  # one thread for BLAS
