#!/usr/bin/env python3
"""Replays power cuts: which states could a disk be in if the power had gone at any moment of a workload?

A workload runs once on a real file system whose disk logs every write and flush (disk.py). A crash state is everything up
to the last flush before a chosen moment, plus a part of the writes since: none, all, a random subset, or all with the
last one torn. Each state is mounted, so that the file system replays its own journal, and handed to the check.

    replay.py --setup CMD --run CMD --check CMD [--states N] [--seed N] [--file-system ext4|xfs]

In the commands, {dir} is the mounted folder. The run may print lines `ack N`; a state is checked with {acked} = the
highest N whose acknowledgement came before the state's moment. Needs root, loop devices, FUSE, nbdkit and nbdfuse; exits
77 with a sentence when one of them is missing. Exit 0: no bad state. Exit 1: bad states, listed with the seed.
"""

import argparse
import json
import os
import pathlib
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# A disk writes one block whole or not at all; a longer write may stop at any block boundary. ext4 itself relies on this
# for its superblock.
BLOCK = 4096


def unavailable(reason):
    print(f"power-cut replay not run: {reason}")
    sys.exit(77)


def require_machine(file_system):
    if os.geteuid() != 0:
        unavailable("it mounts file systems and needs root")
    for program in ("nbdkit", "nbdfuse", "losetup", f"mkfs.{file_system}", "fusermount3"):
        if shutil.which(program) is None:
            unavailable(f"{program} is not installed")
    if not os.path.exists("/dev/fuse") or not os.path.exists("/dev/loop-control"):
        unavailable("this machine has no /dev/fuse or no loop devices")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


def format_image(path, file_system):
    with open(path, "wb") as image:
        image.truncate((64 if file_system == "ext4" else 320) << 20)
    if file_system == "ext4":
        run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(path))
    else:
        run("mkfs.xfs", "-q", "-f", str(path))


class Mounted:
    """A file system mounted through a loop device for the length of a `with`."""

    def __init__(self, image, folder, options):
        self.image, self.folder, self.options = image, folder, options

    def __enter__(self):
        self.loop = run("losetup", "-f", "--show", str(self.image))
        try:
            run("mount", *(["-o", self.options] if self.options else []), self.loop, str(self.folder))
        except BaseException:
            run("losetup", "-d", self.loop)
            raise
        return self.folder

    def __exit__(self, *_):
        run("umount", str(self.folder))
        run("losetup", "-d", self.loop)


class LoggedDisk:
    """nbdkit with disk.py, shown as a file by nbdfuse."""

    def __init__(self, work, base):
        self.work, self.base = work, base
        self.log = work / "log"
        self.mount_point = work / "nbd"

    def __enter__(self):
        self.log.touch()
        self.mount_point.mkdir()
        socket = self.work / "socket"
        self.server = subprocess.Popen(
            ["nbdkit", "-f", "-U", str(socket), "python", str(HERE / "disk.py"), f"base={self.base}", f"log={self.log}"])
        wait_for(socket.exists, "nbdkit to listen")
        self.fuse = subprocess.Popen(
            ["nbdfuse", str(self.mount_point / "disk"), "--unix", str(socket)],
            stdin=subprocess.DEVNULL, start_new_session=True)
        wait_for((self.mount_point / "disk").exists, "nbdfuse to show the disk")
        return self.mount_point / "disk"

    def __exit__(self, *_):
        subprocess.run(["fusermount3", "-u", str(self.mount_point)], capture_output=True)
        self.fuse.wait(timeout=30)
        self.server.terminate()
        self.server.wait(timeout=30)


def wait_for(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited 20 s for {what}")
        time.sleep(0.01)


def shell(template, **values):
    return [part.format(**values) for part in shlex.split(template)]


def run_workload(command, log):
    """Runs the workload; answers [(log position, acknowledged number)]."""
    acks = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("ack "):
            acks.append((log.stat().st_size, int(line.split()[1])))
    if process.wait() != 0:
        raise RuntimeError(f"the workload failed: {command}")
    return acks


def read_log(path):
    entries, data, position = [], path.read_bytes(), 0
    while position < len(data):
        end = data.index(b"\n", position)
        entry = json.loads(data[position:end])
        position = end + 1
        if entry["kind"] == "write":
            entry["data"] = data[position:position + entry["length"]]
            position += entry["length"]
        entry["end"] = position
        entries.append(entry)
    return entries


def apply(image, entry, torn=False):
    if entry["kind"] == "flush":
        return
    data = entry.get("data") or bytes(entry["length"])
    if torn:
        data = data[:max(BLOCK, len(data) // 2 // BLOCK * BLOCK)]
    image[entry["offset"]:entry["offset"] + len(data)] = data


def choose_states(entries, count, source):
    """Moments and survivors: (moment index, indexes of surviving unflushed writes, torn last one)."""
    moments = list(range(len(entries) + 1))
    source.shuffle(moments)
    ways = ("none", "subset", "all", "torn", "subset")
    for number in range(count):
        moment = moments[number % len(moments)]
        durable = max((i + 1 for i in range(moment) if entries[i]["kind"] == "flush"), default=0)
        pending = [i for i in range(durable, moment) if entries[i]["kind"] != "flush"]
        way = ways[(number + number // len(moments)) % len(ways)]
        if way == "none":
            kept = [i for i in pending if entries[i]["fua"]]
        elif way == "subset":
            kept = [i for i in pending if entries[i]["fua"] or source.random() < 0.5]
        else:
            kept = pending
        yield moment, durable, kept, way == "torn" and bool(kept)


def crash_image(base, entries, durable, kept, torn):
    image = bytearray(base)
    for entry in entries[:durable]:
        apply(image, entry)
    for number, index in enumerate(kept):
        apply(image, entries[index], torn and number == len(kept) - 1 and not entries[index]["fua"])
    return image


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("setup", "run", "check"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--states", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file-system", choices=("ext4", "xfs"), default="ext4")
    options = parser.parse_args()
    require_machine(options.file_system)
    mount_options = "noauto_da_alloc" if options.file_system == "ext4" else "nouuid"
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="powercut.", dir=memory) as name:
        work = pathlib.Path(name)
        base, folder = work / "base", work / "mounted"
        folder.mkdir()
        format_image(base, options.file_system)
        with Mounted(base, folder, mount_options):
            subprocess.run(shell(options.setup, dir=folder), check=True)
        with LoggedDisk(work, base) as disk, Mounted(disk, folder, mount_options):
            acks = run_workload(shell(options.run, dir=folder), work / "log")
        bad = check_states(options, work, base.read_bytes(), read_log(work / "log"), acks, mount_options)
    sys.exit(1 if bad else 0)


def check_states(options, work, base, entries, acks, mount_options):
    source, bad, image = random.Random(options.seed), [], work / "image"
    print(f"{len(entries)} disk operations, {sum(e['kind'] == 'flush' for e in entries)} flushes, {len(acks)} acks")
    for number, (moment, durable, kept, torn) in enumerate(choose_states(entries, options.states, source)):
        image.write_bytes(crash_image(base, entries, durable, kept, torn))
        reached = entries[moment - 1]["end"] if moment else 0
        acked = max((n for position, n in acks if position <= reached), default=0)
        with Mounted(image, work / "mounted", mount_options):
            verdict = subprocess.run(
                shell(options.check, dir=work / "mounted", acked=acked), capture_output=True, text=True)
        if verdict.returncode != 0:
            text = (verdict.stdout + verdict.stderr).strip().replace("\n", " | ")
            bad.append(number)
            print(f"bad state {number}: moment {moment} of {len(entries)}, {len(kept)} unflushed writes kept: {text}")
    print(f"{options.states} crash states, {len(bad)} bad, seed {options.seed}, {options.file_system}")
    return bad


if __name__ == "__main__":
    main()
