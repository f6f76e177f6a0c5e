#pragma once
#include <sqlite3.h>

// sqlite3_db_config(3) is variadic, which Swift cannot call. Whether closing moves the write-ahead log into the file and
// removes it.
static inline int aurora_sqlite_tidy_on_close(sqlite3 *database, int tidies) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !tidies, (int *)0);
}
