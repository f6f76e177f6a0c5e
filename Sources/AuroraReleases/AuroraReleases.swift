// AuroraReleases
