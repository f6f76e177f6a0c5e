// AuroraApprovals
