// AuroraFetch
