"""The resident process of the core pack: writes every change of a service's state to the event log.

`python -m aurora_core.monitor ROOT` stays until SIGTERM; `… list ROOT` and `… events ROOT` print and end; `… health ROOT`
ends with 0 when the process runs and the log can be read.
"""
import json
import sys

from aurora_core import services
from aurora_core.events import EventLog
from aurora_core.places import Places
from aurora_core.resident import AlreadyRunning, Resident


class Monitor:
    """Compares the list of services with the one before."""

    def __init__(self, places):
        self.places = places
        self.log = EventLog(places.data / "events.jsonl")
        self.known = {}

    def look(self):
        now = services.read(self.places)
        for pack, old, new in services.changes(self.known, now):
            self.log.append("service", pack=pack, before=old, after=new)
        self.known = now


def main(arguments):
    verb, root = ("run", arguments[0]) if len(arguments) == 1 else arguments
    places = Places(root)
    if verb == "list":
        for pack, service in sorted(services.read(places).items()):
            print(f"{pack}\t{service['state']}\t{len(service.get('processes', []))}")
        return 0
    if verb == "events":
        for event in EventLog(places.data / "events.jsonl").last(50):
            print(json.dumps(event, sort_keys=True))
        return 0
    if verb == "health":
        if Resident(places.data).owner() is None:
            print("the monitor does not run", file=sys.stderr)
            return 1
        return 0 if EventLog(places.data / "events.jsonl").last(1) else 1
    try:
        with Resident(places.data) as resident:
            monitor = Monitor(places)
            monitor.log.append("started")
            resident.every(1.0, monitor.look)
            monitor.log.append("stopped")
    except AlreadyRunning as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
