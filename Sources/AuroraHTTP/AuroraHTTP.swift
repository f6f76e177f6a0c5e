// AuroraHTTP
