"""What only one session at a time may do on a warehouse, by the number of its advisory lock."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """Numbers that are the same in every process; two jobs with one number would wait for each other for nothing."""

    BOOTSTRAP = 5_129_377
    NIGHT = 5_129_378
    STEP = 5_129_379
    # a file of requests into raw
    SUBMIT = 5_129_380
    # requests from raw into the ledger
    TAKE_IN = 5_129_381
    # the ledger into its copy
    COPY = 5_129_382
