"""The root of the error tree, and the errors of keeping and computing.

Every error a person may see says what happened (`str(error)`) and what to do about it (`remedy`).
No error carries a secret: messages are built from ids, names and origins only.
"""

from __future__ import annotations


class GearboxError(Exception):
    """Base of every error that Gearbox raises on purpose.

    Args:
        message: what happened, one plain sentence.
        remedy: what the reader can do about it; empty when there is nothing to do.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def explain(self) -> str:
        """Message and remedy as one paragraph."""
        said = str(self)
        stop = "." if self.remedy and said[-1:].isalnum() else ""  # what a server said may end without one
        return f"{said}{stop} {self.remedy}".strip()


class NotFound(GearboxError):
    """No such thing, or not this person's: the two look the same on purpose."""


class StoreError(GearboxError):
    """The database can't be used as it is."""


class SchemaNewer(StoreError):
    """The database was migrated by a newer release of Gearbox."""


class SchemaDrift(StoreError):
    """The live schema differs from the one this release was written for."""


class KekNotActive(StoreError):
    """A key was sealed with a KEK that another process has retired meanwhile; seal it again with the new one."""


class DatabaseInUse(StoreError):
    """Another program holds the database, so that nothing can be done with it now."""


class DatabaseDamaged(StoreError):
    """The database file is no database, or not a whole one."""


class SecretDamaged(StoreError):
    """The row of a stored key is nothing that Gearbox ever writes."""


class Conflict(StoreError):
    """What is kept already stands in the way: a name that is taken, work that is not done yet."""


class OnHold(Conflict):
    """A legal hold keeps this from being destroyed."""


class SecretChanged(Conflict):
    """A stored key was changed by somebody else between reading and writing it; look at it again."""


class AuditUnavailable(StoreError):
    """The audit log can't be kept as it has to be, so nothing is done with keys."""


class TurnActive(Conflict):
    """The conversation already has an answer in progress."""


class WarehouseError(GearboxError):
    """The usage warehouse can't be opened or written."""


class WarehouseBusy(WarehouseError):
    """Another process has the warehouse file open."""
