"""``gallery``: all constructions as live pages, with an index."""

from pathlib import Path
from typing import Annotated

import typer

from proofs_check._commands._options import Json


def gallery(
    out: Annotated[Path, typer.Option(help="The directory; made if it is not there.")],
    json: Json = False,
) -> None:
    """Write every construction as a live page, and an index. All families of each task stand side by side, too."""
    from constructions.worked_examples import gallery_pages
    from proofs_check._atomic_write import write_text
    from proofs_check._commands._shared import make_directory, print_json

    pages = gallery_pages()
    make_directory(out)
    for name, text in pages.items():  # the index is the last, so that its links lead somewhere
        write_text(out / name, text)
    if json:
        print_json({"index": str(out / "index.html"), "files": list(pages)})
    else:
        print(f"{len(pages)} files in {out}; open {out / 'index.html'}")
