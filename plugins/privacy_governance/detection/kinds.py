"""What can be found in a column, and the tag that each finding asks for."""

from __future__ import annotations

from dataclasses import dataclass

UNDECIDED = "undecided"


@dataclass(frozen=True)
class Kind:
    """One thing a detector finds, with the tag it suggests.

    `pi_kind` and `ccpa_category` are words of the notice (its sections "Information you give us", "Data
    collected automatically" and its chart); `sensitive_kind` is one of Cal. Civ. Code 1798.140(ae) or of the
    notice's promises. `identifier` is the kind of identifier such a column holds where the person is the
    subject of the row.
    """

    name: str
    pi_kind: str
    ccpa_category: str
    identifiability: str
    sensitive_kind: str | None = None
    identifier: str | None = None


CONTACT = ("contact_information", "identifiers_general")
PROFILE = ("profile_information", "identifiers_general")
WORK = ("contact_information", "professional_or_employment_information")
PAYMENT = ("transaction_information", "financial_information")
DEVICE = ("device_data", "identifiers_online")
USAGE = ("usage_data", "internet_or_network_information")
MESSAGES = ("communications", "commercial_information")

KINDS = {
    kind.name: kind
    for kind in (
        Kind("email", *CONTACT, "direct", identifier="email"),
        Kind("phone", *CONTACT, "direct", identifier="phone"),
        Kind("person_name", *CONTACT, "direct"),
        Kind("street_address", *CONTACT, "direct"),
        Kind("postal_area", *CONTACT, "quasi"),
        Kind("region", *CONTACT, "quasi"),
        Kind("birth_date", *PROFILE, "quasi"),
        Kind("age", *PROFILE, "quasi"),
        Kind("gender", *PROFILE, "quasi"),
        Kind("username", *PROFILE, "direct"),
        Kind("account_id", *PROFILE, "direct", identifier="user_id"),
        Kind("photo", *PROFILE, "direct"),
        Kind("credential", *PROFILE, "direct", "account_log_in_with_credentials"),
        Kind("ssn", *PROFILE, "direct", "social_security_number"),
        Kind("passport", *PROFILE, "direct", "passport_number"),
        Kind("driver_license", *PROFILE, "direct", "driver_license_number"),
        Kind("national_id", *PROFILE, "direct", "state_identification_number"),
        Kind("ethnicity", *PROFILE, "quasi", "racial_or_ethnic_origin"),
        Kind("citizenship", *PROFILE, "quasi", "citizenship_or_immigration_status"),
        Kind("religion", *PROFILE, "quasi", "religious_or_philosophical_beliefs"),
        Kind("politics", *PROFILE, "quasi", "political_opinions"),
        Kind("union_membership", *PROFILE, "quasi", "union_membership"),
        Kind("orientation", *PROFILE, "quasi", "sex_life_or_sexual_orientation"),
        Kind("health", *PROFILE, "quasi", "health"),
        Kind("genetics", *PROFILE, "direct", "genetic_data"),
        Kind("biometrics", *PROFILE, "direct", "biometric_identification"),
        Kind("criminal_record", *PROFILE, "quasi", "criminal_background"),
        Kind("veteran_status", *PROFILE, "quasi"),
        Kind("marital_status", *PROFILE, "quasi"),
        Kind("employment", *WORK, "quasi"),
        Kind("card_number", *PAYMENT, "direct", "payment_card_with_credentials"),
        Kind("card_expiry", *PAYMENT, "quasi", "payment_card_with_credentials"),
        Kind("card_security_code", *PAYMENT, "direct", "payment_card_with_credentials"),
        Kind("iban", *PAYMENT, "direct", "financial_account_with_credentials"),
        Kind("bank_account", *PAYMENT, "direct", "financial_account_with_credentials"),
        Kind("ip", *DEVICE, "direct"),
        Kind("user_agent", *DEVICE, "quasi"),
        Kind("device_id", *DEVICE, "direct", identifier="device_id"),
        Kind("advertising_id", *DEVICE, "direct", identifier="advertising_id"),
        Kind("anonymous_id", *DEVICE, "direct", identifier="anonymous_id"),
        Kind("device_attribute", *DEVICE, "quasi"),
        Kind("coordinates", *DEVICE, "quasi", "precise_geolocation"),
        Kind("browsing", *USAGE, "quasi"),
        Kind("free_text", *MESSAGES, "direct"),
    )
}
