"""The warehouse: the only opener of connections, the embedded server, and the schemas a night needs."""

from privacy_governance.warehouse.connection import Connection, Warehouse
from privacy_governance.warehouse.opening import open_warehouse

__all__ = ["Connection", "Warehouse", "open_warehouse"]
