"""``gallery``: all constructions as live pages, with an index."""

from pathlib import Path

from constructions.worked_examples import gallery_pages
from proofs_check._commands._shared import make_directory, print_json
from proofs_check._files import write_text


def gallery(out: Path, json: bool) -> int:
    """Write the pages into a directory, the index last; exit code 0."""
    pages = gallery_pages()
    make_directory(out)
    for name, text in pages.items():
        write_text(out / name, text)
    if json:
        print_json({"index": str(out / "index.html"), "files": list(pages)})
    else:
        print(f"{len(pages)} files in {out}; open {out / 'index.html'}")
    return 0
