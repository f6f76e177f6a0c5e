"""An nbdkit plugin: a disk in memory that writes every write, zero and flush it acknowledges to a log.

Parameters: base=IMAGE (the starting content), log=FILE. A record is one header line of JSON followed by the data of a
write. The log is complete before the request is acknowledged, so its length at any moment bounds what a machine could
have on its disk if the power went at that moment.
"""

import io
import json

import nbdkit

API_VERSION = 2
content = bytearray()
log = None
parameters = {}


def config(key, value):
    parameters[key] = value


def get_ready():
    global content, log
    with io.open(parameters["base"], "rb") as base:
        content = bytearray(base.read())
    log = io.open(parameters["log"], "ab", buffering=0)


def record(kind, flags, offset=0, length=0, data=b""):
    header = json.dumps({"kind": kind, "fua": bool(flags & nbdkit.FLAG_FUA), "offset": offset, "length": length})
    log.write(header.encode() + b"\n" + data)


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):  # noqa: A001 - the name nbdkit calls
    return {}


def get_size(handle):
    return len(content)


def can_flush(handle):
    return True


def can_fua(handle):
    return nbdkit.FUA_NATIVE


def pread(handle, buffer, offset, flags):
    buffer[:] = content[offset:offset + len(buffer)]


def pwrite(handle, buffer, offset, flags):
    data = bytes(buffer)
    content[offset:offset + len(data)] = data
    record("write", flags, offset, len(data), data)


def zero(handle, count, offset, flags):
    content[offset:offset + count] = bytes(count)
    record("zero", flags, offset, count)


def flush(handle, flags):
    record("flush", flags)
