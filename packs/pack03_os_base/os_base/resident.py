"""The resident process of the OS base: keeps a heartbeat, through the parts it offers to others.

`python -m os_base.resident ROOT` stays until SIGTERM; `… health ROOT` ends with 0 when the heart has beaten lately and all
four parts work.
"""
import json
import sys
import time

from aurora_core.places import Places
from aurora_core.resident import AlreadyRunning, Resident
from os_base.namespace import NamespaceRegistry
from os_base.process_abstraction import PackProcess
from os_base.scheduler import Scheduler
from os_base.vfs import VirtualFS

INTERVAL = 2.0


def uptime():
    """Seconds on the clock that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def beat(files):
    files.write_text("heartbeat.json", json.dumps({"uptime": uptime()}))


def problems(places):
    """What does not work, in words; nothing when all is well."""
    if Resident(places.data).owner() is None:
        yield "the core does not run"
    files = VirtualFS(places.data)
    try:
        age = uptime() - json.loads(files.read_text("heartbeat.json"))["uptime"]
        if not 0 <= age < 10 * INTERVAL:
            yield f"the last heartbeat is {age:.0f} s old"
    except (OSError, ValueError, KeyError) as error:
        yield f"no heartbeat: {error}"
    if NamespaceRegistry(places.data / "namespaces.db").get("pack03_os_base") is None:
        yield "the pack is not in its own registry"
    result = PackProcess(places.data).run(["/usr/bin/true"], timeout=10)
    if result.code != 0:
        yield f"no program can be started: {result.error or result}"


def main(arguments):
    if arguments[0] == "health":
        found = list(problems(Places(arguments[1])))
        print("\n".join(found), end="\n" if found else "")
        return 1 if found else 0
    places = Places(arguments[0])
    try:
        with Resident(places.data) as resident:
            files = VirtualFS(places.data)
            NamespaceRegistry(places.data / "namespaces.db").register("pack03_os_base", {"root": str(places.root)})
            scheduler = Scheduler(on_failure=lambda error: print(f"a task failed: {error}", file=sys.stderr, flush=True))
            beat(files)
            scheduler.every(INTERVAL, beat, files)
            scheduler.start()
            resident.stopping.wait()
            scheduler.stop()
    except AlreadyRunning as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
