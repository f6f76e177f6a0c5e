// AuroraCommands
