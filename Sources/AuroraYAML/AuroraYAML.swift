// AuroraYAML
