// AuroraTrust
