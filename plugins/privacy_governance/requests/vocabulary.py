"""The words that requests are written in, by the systems that send them and in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

# Segment's regulation types, as they are
REGULATION_TYPES: Final = ("SUPPRESS_ONLY", "UNSUPPRESS", "SUPPRESS_WITH_DELETE", "DELETE_ONLY")
DELETING: Final = ("SUPPRESS_WITH_DELETE", "DELETE_ONLY")

# identifiers that a request or a hold may give, strongest first, as columns of raw.privacy_requests and raw.legal_holds
IDENTIFIERS: Final = ("user_id", "anonymous_id", "email", "phone", "device_id")

# the ledger's states in the order of a request's course
STATES: Final = (
    "received", "verified", "in review", "on hold", "tombstoned", "carried out", "refused", "routed",
)  # fmt: skip

# columns of raw.privacy_requests, where other systems write, too
RAW_COLUMNS: Final[Mapping[str, LiteralString]] = {
    "request_id": "text",
    "received_at": "timestamptz",
    "regulation_type": "text",
    "user_id": "text",
    "email": "text",
    "anonymous_id": "text",
    "phone": "text",
    "device_id": "text",
    "customer": "text",
    "residency": "text",
    "confirmed_at": "timestamptz",
    "verified_at": "timestamptz",
    "verified_by": "text",
    "verification_method": "text",
    "agent_proof": "text",
    "channel": "text",
    "status": "text",
}

# columns of raw.legal_holds: whoever writes there names at least one identifier
HOLD_COLUMNS: Final[Mapping[str, LiteralString]] = {
    "hold_id": "text",
    **dict.fromkeys(IDENTIFIERS, "text"),
    "reason": "text",
    "placed_by": "text",
    "starts_on": "date",
    "ends_on": "date",
}

# What the ledger may hold of others' words: no address fits. Lengths (100, 80) are compared apart from the form: a
# bounded repetition makes PostgreSQL's matching ten times slower.
ID_FORM: Final = "^[A-Za-z0-9][A-Za-z0-9._:-]*$"
REFERENCE_FORM: Final = "^[A-Za-z0-9][A-Za-z0-9 ._:/#-]*$"
LONGEST_ID: Final = 100
LONGEST_REFERENCE: Final = 80

NO_IDENTIFIER: Final = "no identifier of a subject: send a user_id, anonymous_id, email, phone or device_id"
UNKNOWN_TYPE: Final = "unknown regulation type: send one of " + ", ".join(REGULATION_TYPES)
FOR_A_CUSTOMER: Final = "held for a customer, as its service provider: the request is that customer's to answer"

# the eight exceptions of Civ. Code 1798.105(d), as the ledger names them and as the requester reads them
EXCEPTIONS: Final[Mapping[str, str]] = {
    "transaction": "to complete what you bought or asked for, or to keep the contract with you",
    "security": "to help keep our systems secure and intact",
    "debugging": "to find and mend errors",
    "free_speech": "because free speech, or another right that the law grants, depends on it",
    "calecpa": "to comply with the California Electronic Communications Privacy Act",
    "research": "for research in the public interest that you agreed to",
    "internal_use": "for uses within our business that you can expect from your relationship with us",
    "legal_obligation": "because a law obliges us to keep it",
}
