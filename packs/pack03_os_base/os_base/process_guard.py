"""Stands above one program of `PackProcess`: adopts whatever it leaves, and ends all of it. Imports nothing of the pack.

Reads one line of JSON (`command`, `environment`) from its standard input and writes how the program ended to the descriptor
in its first argument. When the program has ended, or the input is closed, whoever is left below it is killed.
"""
import ctypes
import json
import os
import select
import signal
import sys
import time

SET_CHILD_SUBREAPER = 36  # linux/prctl.h
PAUSE = 0.002


def descendants():
    """All processes below this one, by what /proc says now."""
    children = {}
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{int(name)}/stat", "rb") as file:
                # The fourth field; the second, in brackets, may hold anything.
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (ValueError, OSError):
            continue
        children.setdefault(parent, []).append(int(name))
    found = children.get(os.getpid(), [])
    for process in found:
        found.extend(children.get(process, []))
    return found


def reap():
    """Takes the ends of those that have ended; `(ends, whether there are children left)`."""
    ends = {}
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ends, False
        if process == 0:
            return ends, True
        ends[process] = status


def end_all():
    """Kills until none is left: orphans come here, so nobody below means nobody at all."""
    ends, is_left = reap()
    while is_left:
        for process in descendants():
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                continue
        time.sleep(PAUSE)
        more, is_left = reap()
        ends.update(more)
    return ends


def run(order):
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    try:
        program = os.posix_spawnp(
            order["command"][0], order["command"], order["environment"], setsid=True, setsigdef=[signal.SIGPIPE],
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)])
    except (OSError, ValueError, IndexError) as error:
        return {"error": str(error)}
    ends = {}
    while program not in ends:
        ready, _, _ = select.select([0, wake], [], [])
        if 0 in ready:
            break
        # Before reaping: whoever ends afterwards wakes again.
        os.read(wake, 4096)
        ends.update(reap()[0])
    ends.update(end_all())
    return {"status": ends[program]}


def main():
    report = int(sys.argv[1])
    os.set_inheritable(report, False)
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        told = {"error": f"prctl: {os.strerror(ctypes.get_errno())}"}
    else:
        with open(0, "rb", buffering=0, closefd=False) as orders:
            told = run(json.loads(orders.readline()))
    os.write(report, json.dumps(told).encode())


if __name__ == "__main__":
    main()
