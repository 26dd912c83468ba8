"""The project's own exceptions.

Every message names what was given, what was expected, and where the expectation comes from.
"""


class RetrievalGapError(Exception):
    """Base of all errors that this project raises on purpose."""


class InputError(RetrievalGapError):
    """What the user gave cannot be used: a bad token, an unreadable file, a parameter out of range."""


class ResourceError(InputError):
    """The request would need more memory, time or characters than it is allowed to take."""


class ContractError(RetrievalGapError):
    """A gadget was asked for something that it cannot be proved to do exactly; building is refused."""


class ModelError(RetrievalGapError):
    """The matrices of a model do not fit together, or not the architecture that was named."""


class PrecisionError(RetrievalGapError):
    """A number system cannot hold a number that occurs, or cannot decide a comparison; nothing is guessed."""
