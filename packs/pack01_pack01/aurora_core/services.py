"""The supervisor's list of services, as the local core writes it for packs that may see it."""
import json


def read(places):
    """Services by pack id: `{"state": …, "processes": […]}`; empty while no core runs."""
    try:
        listed = json.loads((places.status / "packs.json").read_text())
    except (FileNotFoundError, NotADirectoryError, PermissionError, ValueError):
        return {}
    return {service["pack"]: service for service in listed.get("packs", [])}


def changes(before, after):
    """What changed between two lists: (pack id, state before or None, state after or None), by pack id."""
    found = []
    for pack in sorted(set(before) | set(after)):
        old = before.get(pack, {}).get("state")
        new = after.get(pack, {}).get("state")
        if old != new:
            found.append((pack, old, new))
    return found
