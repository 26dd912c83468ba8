"""``python -m tests.fuzz.led_by_coverage TARGET COUNT SEED``: one target under Atheris, in a process of its own.

Only what this project's own modules do is followed; they are imported here, so that Atheris can see them.
"""

import os
import sys
import tempfile
from pathlib import Path


def compiled_modules() -> list[str]:
    """Those with functions that numba compiles, which it could not if calls to Atheris stood in them."""
    root = Path(__file__).resolve().parents[2]
    files = [path for package in ("constructions", "proofs_check") for path in (root / package).rglob("*.py")]
    compiled = [path for path in files if "@compiled" in path.read_text(encoding="utf-8")]
    return [".".join(path.relative_to(root).with_suffix("").parts) for path in compiled]


def main() -> None:
    """Does not return: libFuzzer ends the process, with exit code 0 if no fault was found."""
    import atheris

    with atheris.instrument_imports(include=["constructions", "proofs_check"], exclude=compiled_modules()):
        from tests.fuzz.feeding import feed
        from tests.fuzz.targets import targets

    name, count, seed = sys.argv[1:]
    (target,) = [target for target in targets() if target.name == name]
    root = tempfile.mkdtemp(prefix="fuzz")
    corpus = Path(root) / "corpus"
    corpus.mkdir()
    for place, data in enumerate(target.seeds()):
        (corpus / str(place)).write_bytes(data)
    words = Path(root) / "words"
    words.write_text("".join(f'"{_escaped(word.encode())}"\n' for word in target.words))
    sys.path.insert(0, os.getcwd())
    os.chdir(root)

    def one(data: bytes) -> None:
        feed(target, data)

    options = [f"-runs={count}", f"-seed={int(seed) + 1}", "-max_len=4000", "-rss_limit_mb=4096", "-timeout=600"]
    atheris.Setup([sys.argv[0], *options, f"-dict={words}", str(corpus)], one)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
