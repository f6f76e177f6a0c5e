// AuroraSystem
