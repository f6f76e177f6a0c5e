// AuroraActivation
