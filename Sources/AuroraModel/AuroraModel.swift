// AuroraModel
