"""The words of personal columns: a table of rules, each an ending of a column's name.

Sources: the notice's own lists, Segment's default matchers and reserved traits, CCPA 1798.140(v)(1) and (ae).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TEXT = frozenset({"text", "json", "uuid", "other"})
TEXT_OR_NUMBER = TEXT | {"number"}
DATED = TEXT_OR_NUMBER | {"date", "timestamp"}
ANY = DATED | {"boolean", "inet", "binary"}


@dataclass(frozen=True)
class Rule:
    """A pattern over the words of a name, the kind it announces, and the type classes that can hold one."""

    kind: str
    pattern: re.Pattern[str]
    types: frozenset[str]
    is_weak: bool = False


def alternatives(words: str) -> str:
    """Return `words`, written over several lines with blanks around each `|`, as one regular expression."""
    return re.sub(r"\s*\|\s*", "|", " ".join(words.split()))


def ending(kind: str, words: str, types: frozenset[str] = TEXT) -> Rule:
    """Return a rule that holds where the name's last words match."""
    return Rule(kind, re.compile(rf"(?:^|\s)(?:{alternatives(words)})$"), types)


def weak_ending(kind: str, words: str, types: frozenset[str] = TEXT) -> Rule:
    """Return a rule for words of many meanings: only values make such a column credible."""
    return Rule(kind, ending(kind, words).pattern, types, is_weak=True)


def anywhere(kind: str, words: str) -> Rule:
    """Return a rule that holds wherever the words stand, in any type: a flag can tell as much as a text."""
    return Rule(kind, re.compile(rf"(?:^|\s)(?:{alternatives(words)})(?:\s|$)"), ANY)


# words glued or shortened, spelled out; plurals are gone before this is asked
COMPOUNDS = dict(
    entry.split("=")
    for entry in re.split(
        r",\s*",
        """aaid=advertising id, addr=address, adid=advertising id, adress=address, bday=birth date,
        birthdate=birth date, birthday=birth date, birthdt=birth date, birthyear=birth year, cc=credit
        card, ccnum=credit card number, cel=mobile, cell=mobile, cellphone=mobile phone, cvc=card security
        code, cvv=card security code, deviceid=device id, dl=driver license, dob=birth date,
        emailid=email, exp=expiry, expiration=expiry, expire=expiry, expiredate=expiry date, fax=phone,
        firstname=first name, fname=first name, forename=first name, fullname=full name, gaid=advertising
        id, geolat=latitude, geolng=longitude, givenname=given name, gps=coordinate, homephone=home phone,
        idfa=advertising id, idfv=device id, imei=device imei, ipaddr=ip address, ipaddress=ip address,
        lastname=last name, lat=latitude, licence=license, lname=last name, lng=longitude, lon=longitude,
        macaddress=mac address, maid=advertising id, mail=email, mname=middle name, mobilephone=mobile
        phone, mothersmaiden=mother maiden name, msisdn=phone, nationalid=national id, nif=national id,
        nino=national id, organisation=organization, passwd=password, phonenumber=phone number,
        pincode=postal code, postalcode=postal code, postcode=postal code, pwd=password, remoteaddr=remote
        address, sin=social insurance number, ssn=social security number, streetaddress=street address,
        surname=last name, tel=phone, telephone=phone, ua=user agent, uid=user id, useragent=user agent,
        userid=user id, username=user name, zip=postal code, zipcode=postal code""",
    )
)

# what a long unknown word may be made of
PARTS = frozenset(
    [
        "account",
        "address",
        "agent",
        "bank",
        "billing",
        "birth",
        "card",
        "city",
        "client",
        "code",
        "contact",
        "country",
        "credit",
        "customer",
        "date",
        "device",
        "email",
        "first",
        "full",
        "home",
        "last",
        "license",
        "maiden",
        "middle",
        "mobile",
        "name",
        "number",
        "passport",
        "phone",
        "postal",
        "security",
        "shipping",
        "social",
        "street",
        "user",
        "work",
    ]
) | {word for spelled in COMPOUNDS.values() for word in spelled.split()}

# endings that say nothing about what the column holds
TAILS = frozenset(
    [
        "number",
        "no",
        "num",
        "nbr",
        "value",
        "text",
        "txt",
        "string",
        "str",
        "raw",
        "hash",
        "hashed",
        "sha",
        "md5",
        "md",
        "lower",
        "clean",
        "cleaned",
        "normalized",
        "primary",
        "secondary",
        "current",
        "new",
        "old",
        "plain",
        "encrypted",
        "enc",
        "original",
        "json",
        "list",
        "line",
        "field",
        "data",
        "info",
    ]
)

COUNTING = "is|has|had|num|number|count|total|avg|sum|min|max|can|should|did|does|accept|allow"
THINGS = """app | library | campaign | event | product | plan | file | table | column | schema | database
    | host | domain | server | service | category | brand | font | template | job | queue | tag | sku |
    item | variant | warehouse | store | shop | model | network | carrier | page | screen | source |
    medium | channel | feature | experiment | currency | bucket | index | method | class | function |
    package | project | version | color | colour | role | status | tax | discount | promotion | segment |
    workspace | group | team | key | field | type"""

STATES = """account | connection | consent | fulfillment | job | marketing | order | payment | review |
    shipment |
    subscription | task | workflow"""

# a phrase that begins so counts or flags; one that ends so names a thing, not a person
HARMLESS = re.compile(
    rf"^(?:{COUNTING})\s|(?:^|\s)(?:(?:{alternatives(THINGS)}) name|(?:{alternatives(STATES)}) state)$"
)

OWNERS = """first | last | given | family | middle | maiden | nick | legal | preferred |
    contact | customer | client | patient | employee | member | recipient | sender | author | owner |
    holder | cardholder | buyer | guest | attendee | user full | person | full | shipping | billing |
    address | mother maiden | parent | spouse | manager | agent | driver | doctor | student | teacher |
    caller | subscriber | reviewer | staff"""

PEOPLE = re.compile(
    r"\b(?:user|person|people|customer|contact|identify|identifie|lead|member|employee|patient|subscriber|profile|"
    r"client)\b"
)

ANYWHERE = (
    anywhere("ethnicity", "race | racial | ethnicity | ethnic(?: (?:origin | group))?"),
    anywhere("citizenship", "citizenship | citizen | nationality | immigration(?: status)? | visa"),
    anywhere("religion", "religion | religious | faith"),
    anywhere("politics", "political(?: (?:party | view | opinion))? | party affiliation"),
    anywhere("union_membership", "union (?:member | membership)"),
    anywhere("orientation", "sexual orientation | sexuality | sexual preference"),
    anywhere(
        "health",
        """disability | disabled person | diagnosis | diagnose | medication | medical | allergy |
        allergie | prescription | pregnant | pregnancy | health condition | blood (?:type | group) | icd |
        illness | disease""",
    ),
    anywhere("genetics", "genetic | genome | dna"),
    anywhere("biometrics", "biometric | fingerprint template | face template | faceprint | voiceprint"),
    anywhere("criminal_record", "criminal | conviction | arrest record"),
    anywhere("veteran_status", "veteran"),
)

# the first rule that holds decides: special endings stand before those that they contain
ENDING = (
    ending("ssn", "social security(?: number)? | social insurance", TEXT_OR_NUMBER),
    ending("passport", "passport(?: (?:id | code))?", TEXT_OR_NUMBER),
    ending("driver_license", "(?:driver | driving) license(?: id)?", TEXT_OR_NUMBER),
    ending(
        "national_id",
        """tax id | (?:national | government | citizen | fiscal | identity | identification) (?:id | card |
        code | identification)""",
        TEXT_OR_NUMBER,
    ),
    weak_ending("national_id", "identification | license | certificate", TEXT_OR_NUMBER),
    ending(
        "credential",
        """password | passcode | passphrase | (?:access | auth | refresh | session | api | bearer | id)
        token | (?:api | secret) key | security answer | pin code | password digest""",
    ),
    weak_ending("credential", "token | secret"),
    ending(
        "card_security_code",
        "card security code | card verification(?: code)? | security code",
        TEXT_OR_NUMBER,
    ),
    ending("card_expiry", "card expiry(?: (?:date | month | year))?", DATED),
    ending("card_number", "(?:credit | debit | payment | bank) card(?: id)? | card pan | pan", TEXT_OR_NUMBER),
    weak_ending("card_number", "card", TEXT_OR_NUMBER),
    ending("iban", "iban"),
    ending(
        "bank_account",
        "(?:bank | checking | savings) account | routing | sort code | bic | swift(?: code)?",
        TEXT_OR_NUMBER,
    ),
    ending("email", "email(?: (?:address | id | contact | recipient))? | e mail(?: address)?"),
    ending("ip", "ip(?: address)? | remote address", TEXT | {"inet"}),
    ending("phone", "(?:phone | mobile | whatsapp | handset)(?: contact)?", TEXT_OR_NUMBER),
    ending("advertising_id", "(?:advertising | advertiser | ad) (?:id | identifier)"),
    ending(
        "device_id",
        """device (?:id | identifier | serial | uuid | token | imei | name) | imei | mac(?: address)? |
        android id | hardware id | installation id""",
        TEXT_OR_NUMBER,
    ),
    weak_ending("device_id", "serial", TEXT_OR_NUMBER),
    ending("anonymous_id", "anonymous id | visitor id | cookie id | client id | fingerprint | previous id"),
    ending(
        "account_id",
        """(?:user | customer | member | person | profile | subscriber | contact | employee | patient |
        buyer | cardholder) id | (?:customer | user) sk""",
        TEXT_OR_NUMBER,
    ),
    ending("user_agent", "user agent | browser string"),
    ending(
        "birth_date",
        "birth(?: (?:date | day | month | year))? | date birth | born(?: (?:on | at | date))?",
        DATED,
    ),
    ending(
        "coordinates",
        "latitude | longitude | coordinate | geo(?: (?:point | location))? | location point",
        TEXT_OR_NUMBER,
    ),
    ending(
        "username",
        """user name | login(?: name)? | screen name | (?:user | social | twitter) handle |
        nickname | user login""",
    ),
    ending("person_name", f"(?:{OWNERS}) name | mother maiden | middle initial | salutation"),
    weak_ending(
        "person_name",
        "display name | (?:shop | business | company) owner | recipient | author | attendee | cardholder",
    ),
    ending(
        "street_address",
        """street(?: (?:address | name | type))? | suite | apartment | address(?: (?:street | suite))? """,
        TEXT_OR_NUMBER,
    ),
    ending(
        "postal_area",
        """postal(?: code)? | city | town | municipality | address (?:city | state | province | region |
        country | county | province code | country code) | province | county | neighborhood | country |
        state full | country full""",
        TEXT_OR_NUMBER,
    ),
    weak_ending("region", "state | region | state code | province code | ^country code"),
    ending("gender", "gender | sex | pronoun"),
    ending("age", "age | age year | age group | age range", TEXT_OR_NUMBER),
    ending("marital_status", "marital status"),
    weak_ending("health", "condition | procedure | symptom | treatment"),
    ending("photo", "photo | avatar | picture | selfie | profile image | portrait | headshot", TEXT | {"binary"}),
    ending(
        "browsing",
        """page (?:url | path | title | search | referrer) | referrer(?: url)? | landing page | referring
        site | search query | page view url""",
    ),
    ending(
        "employment",
        """salary | occupation | job title | employer | profession | wage | income | education status |
        professional title | credit rating""",
        TEXT_OR_NUMBER,
    ),
    weak_ending(
        "employment",
        """^title | (?:contact | person | employee | user) title |
        (?:^ | address )(?:company | organization)(?: name)? | department""",
    ),
    ending(
        "device_attribute",
        """device (?:model | manufacturer | type) | user agent data | os (?:name | version) | (?:context
        | client | user) (?:locale | timezone) | network carrier | screen (?:width | height | density |
        resolution)""",
        TEXT_OR_NUMBER,
    ),
    weak_ending(
        "free_text",
        """message | body | comment | note | transcript | feedback | free text | review text | ticket
        description | remark | answer | bio | biography | memo | description | reason text | about me |
        about""",
    ),
)
