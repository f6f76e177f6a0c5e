// AuroraHub
