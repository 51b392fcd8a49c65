"""The faults that the control API answers with, under IVS's names.

``ControlError`` is the family; each member knows the status that botocore's model gives it.
"""


class ControlError(Exception):
    """Raised to answer a call with a fault.

    Attributes:
        code: What IVS calls it.
        status: The HTTP status.
    """

    code = "InternalServerException"
    status = 500


class ValidationError(ControlError):
    """Raised when a request breaks the rules of its fields."""

    code, status = "ValidationException", 400


class QuotaExceededError(ControlError):
    """Raised when an account or a channel has as many as it may have."""

    code, status = "ServiceQuotaExceededException", 402


class AccessDeniedError(ControlError):
    """Raised when a call is not signed."""

    code, status = "AccessDeniedException", 403


class NotFoundError(ControlError):
    """Raised when there is no such resource."""

    code, status = "ResourceNotFoundException", 404


class NotBroadcastingError(ControlError):
    """Raised when a channel has no live stream."""

    code, status = "ChannelNotBroadcasting", 404


class UnknownOperationError(ControlError):
    """Raised when a call is no operation that the stand-in has."""

    code, status = "UnknownOperationException", 404


class ConflictError(ControlError):
    """Raised when something is in use, or live."""

    code, status = "ConflictException", 409


class ThrottledError(ControlError):
    """Raised when calls come faster than IVS takes them."""

    code, status = "ThrottlingException", 429
