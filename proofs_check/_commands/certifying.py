"""``check`` and what ``verify --out`` writes: certificates for the kernel, and the report."""

import re
from collections.abc import Sequence
from pathlib import Path

from constructions.theorems import Construction
from constructions.wiring import SymbolicAttention
from proofs_check._commands._shared import make_directory, print_json
from proofs_check.certificates import certify_exhaustive, certify_precision, contracts, save
from proofs_check.evidence import VERIFIED, TheoremResult, kernel_knows
from proofs_check.kernel import check_file


def check(path: Path, json: bool) -> int:
    """Run the kernel on a file; its exit code."""
    verdict = check_file(str(path))
    if json:
        print_json({"verdict": verdict.word, "message": verdict.message})
    else:
        print(verdict.line)
    return verdict.exit_code


def write_certificates(results: Sequence[TheoremResult], directory: Path) -> dict[str, list[str]]:
    """Certificates for every construction whose claims hold, and for bounds: file names by what they are about.

    Raises:
        InputError: if the directory cannot be written.
    """
    written: dict[str, list[str]] = {}
    make_directory(directory)
    for result in results:
        constructions = {claim.subject: claim.construction for claim in result.claims}
        for label, construction in constructions.items():
            holds = all(c.verdict == VERIFIED for c in result.claims if c.subject == label)
            if construction is not None and holds and label not in written:
                written[label] = _certify(construction, directory)
        for claim in result.claims:
            if claim.certificate is not None and claim.verdict == VERIFIED:
                name = f"{_stem(claim.name)}-n{claim.certificate['n']}.{claim.certificate['kind']}.json"
                save(claim.certificate, directory / name)
                written.setdefault(claim.subject, []).append(name)
    return written


def _stem(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-")


def _certify(construction: Construction, directory: Path) -> list[str]:
    stem = _stem(construction.label)
    names = [f"{stem}.contracts.json"]
    save(contracts(construction.blueprint), directory / names[0])
    certified = construction.task.certified
    if certified is not None and kernel_knows(construction):
        searches = construction.blueprint.search is not None
        n, alphabet, family = certified.kept_searching if searches else certified.kept
        names.append(f"{stem}.exhaustive-n{n}.json")
        save(certify_exhaustive(construction, n, alphabet, family=family), directory / names[-1])
        if any(isinstance(layer, SymbolicAttention) for layer in construction.blueprint.layers):
            n, alphabet, family = certified.kept_softmax
            names.append(f"{stem}.precision-n{n}.json")
            save(certify_precision(construction, n, alphabet, family=family), directory / names[-1])
    return names
