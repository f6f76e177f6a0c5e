// AuroraAudit
