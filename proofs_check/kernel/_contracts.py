"""Certificates of the kind contracts: inequalities between polynomials, for all sizes at once.

Each contract lists what its gadget needs. The kernel proves the inequalities as they are listed; that
they are the right ones for the gadget is not checked here.
"""

from ._polynomials import Domain, read
from ._reading import Fields
from ._verdict import Malformed, Rejected, shown

KEYS = ("construction", "contracts", "scales", "variables")


def check(fields: Fields) -> str:
    """A sentence if every inequality holds for all sizes."""
    name, domain, proved, seen = fields.text("construction"), Domain(fields), 0, set()
    for place, value in enumerate(fields.items("contracts", 10_000)):
        contract = Fields(value, f"{fields.place('contracts')}[{place}]", ("gadget", "inequalities", "name"))
        contract.text("gadget")
        seen.add(contract.text("name"))
        if len(seen) <= place:
            raise Malformed(f"{contract.where}: two contracts have the name {shown(contract['name'])}")
        for number, item in enumerate(contract.items("inequalities", 1_000)):
            here = f"{contract.where}.inequalities[{number}]"
            inequality = Fields(item, here, ("polynomial", "statement"))
            inequality.text("statement")
            if not domain.proves(read(inequality["polynomial"], f"{here}.polynomial", domain.names)):
                raise Rejected(
                    f"{shown(name)}, contract {shown(contract['name'])}: not proved for {domain.words()}: "
                    f"{shown(inequality['statement'])}"
                )
            proved += 1
    if not proved:
        raise Malformed("the contracts list no inequality")
    plural = "y holds" if proved == 1 else "ies hold"
    return f"{shown(name)}: {proved} listed inequalit{plural} for {domain.words()}"
