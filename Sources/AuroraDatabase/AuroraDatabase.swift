// AuroraDatabase
