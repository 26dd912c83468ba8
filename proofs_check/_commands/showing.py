"""``gallery``, all constructions as live pages with an index, and ``prove``, theorems by Coq."""

from pathlib import Path
from typing import Annotated

from proofs_check._commands._options import Json, UserFile
from proofs_check._commands._parser import argument, option


def gallery(
    out: Annotated[Path, option(help="The directory; made if it is not there.")],
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


def prove(
    names: Annotated[
        list[str] | None,
        argument(
            metavar="[THEOREM | CONSTRUCTION ...]",
            help="Numbers such as 4.6, constructions, names in Coq; all if none.",
        ),
    ] = None,
    user_file: UserFile = None,
    out: Annotated[Path | None, option(help="Write the Coq files into this directory and build there.")] = None,
    coqc: Annotated[str | None, option(metavar="PATH", help="Coq's compiler; the one on PATH if not given.")] = None,
    json: Json = False,
) -> int:
    """Have Coq check theorems about the weights, for all sizes."""
    from proofs_check._commands import proving

    return proving.prove(names or [], user_file, out, coqc, json)
