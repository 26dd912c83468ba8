"""The kernel: reads a certificate and says whether what it claims is true.

It stands on its own. It imports only the standard library and nothing of the rest of this project, has
its own reading of the tasks and its own interpreter of models, and recomputes whatever it reports. The
folder can be copied anywhere and run there: ``python -m kernel FILE``, or ``python -I -S kernel FILE``.
"""

from ._main import check, check_file, main
from ._verdict import EXIT_CODES, Verdict

__all__ = ["EXIT_CODES", "Verdict", "check", "check_file", "main"]
