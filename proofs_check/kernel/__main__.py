"""``python -m proofs_check.kernel FILE``, ``python -m kernel FILE``, ``python -I -S kernel FILE``."""

import importlib.util
import pathlib
import sys


def _main() -> int:
    if __package__:
        from . import main

        return int(main(sys.argv[1:]))
    # The folder itself was given to Python, so this file belongs to no package yet. It is loaded as one
    # from its own place, and nothing else that lies around there becomes importable.
    folder = pathlib.Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if pathlib.Path(entry or ".").resolve() != folder]
    spec = importlib.util.spec_from_file_location(
        "kernel", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit("the folder of the kernel is incomplete: __init__.py is missing")
    package = sys.modules["kernel"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    return int(package.main(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(_main())
