"""The errors of OWS Common 1.0.0 (OGC 05-008 §8)."""

MISSING = "MissingParameterValue"
INVALID = "InvalidParameterValue"
NOT_SUPPORTED = "OperationNotSupported"
VERSION = "VersionNegotiationFailed"
NOT_APPLICABLE = "NoApplicableCode"


class CswError(Exception):
    """What a client did that can't be answered: the code, the parameter it is about, and a sentence."""

    def __init__(self, code: str, locator: str | None, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.locator = locator
        self.message = message
