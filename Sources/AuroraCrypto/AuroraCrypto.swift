// AuroraCrypto
