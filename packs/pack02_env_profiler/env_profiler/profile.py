"""The profile of the device: its facts, and the class of machine they make it.

`python -m env_profiler.profile write ROOT` writes ROOT/data/profile.json; `… show ROOT` prints it; `… health ROOT` ends with
0 when a whole profile of this start of the machine is there.
"""
import json
import os
import platform
import shutil
import sys
from pathlib import Path

from aurora_core.places import Places

SCHEMA = "aurora-profile-v1"


def facts(places):
    """The facts of the local core; what this process sees by itself where no core runs."""
    try:
        told = json.loads((places.status / "device.json").read_text())
    except (OSError, ValueError):
        told = None
    return told if isinstance(told, dict) else own_facts()


def own_facts():
    return {
        "platform": platform.system().lower(),
        "machine": platform.machine(),
        "kernel": platform.release(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "interpreters": {name: path for name in ("bash", "python3") if (path := shutil.which(name))},
    }


def size_class(cores, memory_bytes):
    """`small` cannot run two heavy packs at once, `large` need not count."""
    if cores < 2 or memory_bytes < 1 << 30:
        return "small"
    return "large" if cores >= 8 and memory_bytes >= 8 << 30 else "medium"


def number(found, *names):
    """The first of these facts that is a number; 0 when none is."""
    for name in names:
        value = found.get(name)
        if isinstance(value, dict):
            value = value.get("total_bytes", value.get("count"))
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return 0


def profile(found, boot_id):
    cores, memory = number(found, "cores"), number(found, "memory_bytes", "memory")
    return {"schema": SCHEMA, "boot": boot_id, "class": size_class(cores, memory), "facts": found}


def boot():
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def write(places):
    """Replaces the profile in one step."""
    path = places.data / "profile.json"
    scratch = path.with_suffix(".new")
    with open(scratch, "w") as file:
        json.dump(profile(facts(places), boot()), file, indent=2, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    os.replace(scratch, path)


def main(arguments):
    verb, root = arguments
    places = Places(root)
    if verb == "write":
        write(places)
        return 0
    try:
        known = json.loads((places.data / "profile.json").read_text())
    except (OSError, ValueError) as error:
        print(f"no profile: {error}", file=sys.stderr)
        return 1
    if verb == "show":
        print(json.dumps(known, indent=2, sort_keys=True))
        return 0
    if known.get("schema") != SCHEMA or known.get("boot") != boot():
        print("the profile is of another start of the machine", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
