// AuroraArchive
