"""The statutory clocks of a request, as SQL over its moment of receipt.

1798.130(a)(2)(A) and 11 CCR 7021: receipt is confirmed within 10 business days; the answer is due 45 calendar days
after receipt, however long verification takes; once, 45 more with notice.
"""

from __future__ import annotations

from typing import Final

CONFIRM_BUSINESS_DAYS: Final = 10
ANSWER_DAYS: Final = 45
EXTENSION_DAYS: Final = 45

# a day of the statute is one of California: late in its evening, UTC is a day ahead and would grant one more
RECEIVED_ON: Final = "(received_at at time zone 'America/Los_Angeles')::date"

# Weekends are left out, public holidays are not: the statute doesn't list them, and counting one as a business day
# makes the date earlier than the law's, never later. Ten business days are two weeks, less from a weekend on.
CONFIRM_BY: Final = f"{RECEIVED_ON} + case extract(isodow from {RECEIVED_ON}) when 6 then 13 when 7 then 12 else 14 end"

DUE_ON: Final = f"{RECEIVED_ON} + {ANSWER_DAYS}"
