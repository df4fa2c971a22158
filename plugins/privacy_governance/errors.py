"""The one tree of errors: each says what is wrong, where, and the fix; none holds a personal value."""

from __future__ import annotations


class GovernanceError(Exception):
    """Root of every error this package raises; the command line prints it as one line and exits with 2."""

    exit_code = 2


class SettingsError(GovernanceError):
    """A setting is missing or unusable."""


class WarehouseError(GovernanceError):
    """The warehouse can't be reached, is too old, lacks rights, or refused a statement."""


class IntakeError(GovernanceError):
    """A dump that was to be loaded into `raw` has a line or a file that can't be taken."""


class RequestError(GovernanceError):
    """A request or a hold can't be decided on as asked: unknown, in another state, or the reason won't do."""


class DeclarationError(GovernanceError):
    """A declared policy (seed, source YAML, manifest) is wrong or contradicts itself."""


class LineageError(GovernanceError):
    """A query could not be traced at all (unparsable, cyclic, without columns)."""


class AnonymizationError(GovernanceError):
    """No release can meet the policy asked for; says why and what would help."""


class StepError(GovernanceError):
    """A step of the night did not complete."""


class PublishingBlockedError(GovernanceError):
    """The night ran, and its violations keep the release from being published."""

    exit_code = 1
