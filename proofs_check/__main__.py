"""``python -m proofs_check`` is ``retrieval-gap``."""

from proofs_check.cli import main

if __name__ == "__main__":
    main()
