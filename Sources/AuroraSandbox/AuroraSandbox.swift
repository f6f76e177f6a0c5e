// AuroraSandbox
