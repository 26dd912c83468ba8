"""Settings of all tests: none depends on how fast the machine is."""

import os

from hypothesis import HealthCheck, settings

# As the command line does it, before NumPy is loaded: products are small here, and threads of BLAS wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
