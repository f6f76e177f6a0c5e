"""What every pack needs: one resident process, one event log, the list of services."""
