"""`python -m privacy_governance`: the same as `govern`."""

from privacy_governance.cli import main

main()
