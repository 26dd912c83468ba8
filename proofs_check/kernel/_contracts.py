"""Certificates of the kind contracts: inequalities between polynomials, for all sizes at once.

Each contract lists what its gadget needs. The kernel proves the inequalities as they are listed; that
they are the right ones for the gadget is not checked here.
"""

from ._polynomials import Domain, read
from ._reading import Fields
from ._verdict import Malformed, Rejected, shown


def check(fields: Fields, sample: object) -> str:
    """A sentence if every inequality holds for all sizes; there is nothing to sample."""
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
                raise Rejected(f"{here}: not proved for {domain.words()}: {shown(inequality['statement'])}")
            proved += 1
    if not proved:
        raise Malformed("the contracts list no inequality")
    plural = "y holds" if proved == 1 else "ies hold"
    return (
        f"{proved} listed inequalit{plural} for {domain.words()}; that they are all that {shown(name)} needs is what "
        "the file says, and was not checked"
    )
