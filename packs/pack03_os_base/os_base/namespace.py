"""Which pack has which facts, in a database: many processes may write, none loses another's change."""
import contextlib
import json
import sqlite3


class NamespaceRegistry:
    """The registry in the file `path`."""

    def __init__(self, path):
        self.path = str(path)
        with self._open() as database:
            database.execute("CREATE TABLE IF NOT EXISTS namespaces (id TEXT PRIMARY KEY, facts TEXT NOT NULL)")

    def register(self, pack, facts):
        """Adds or replaces the facts of one pack; nobody else's row is touched."""
        with self._open() as database:
            database.execute(
                "INSERT INTO namespaces VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET facts = excluded.facts",
                (pack, json.dumps(facts, sort_keys=True)))

    def get(self, pack):
        with self._open() as database:
            row = database.execute("SELECT facts FROM namespaces WHERE id = ?", (pack,)).fetchone()
        return json.loads(row[0]) if row else None

    def unregister(self, pack):
        """Removes a pack; whether it was there."""
        with self._open() as database:
            return database.execute("DELETE FROM namespaces WHERE id = ?", (pack,)).rowcount == 1

    def list(self):
        with self._open() as database:
            return {pack: json.loads(facts) for pack, facts in database.execute("SELECT * FROM namespaces ORDER BY id")}

    @contextlib.contextmanager
    def _open(self):
        database = sqlite3.connect(self.path, timeout=30)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            with database:
                yield database
        finally:
            database.close()
