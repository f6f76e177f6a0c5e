#!/usr/bin/env python3
"""Checks an exported Aurora audit log with Python's standard library and the openssl command; no Aurora code.

Usage: verify.py FOLDER VKEY. Prints "verified N" and exits 0 only if the signature is good and the entries give the root.
"""
import base64, hashlib, os, subprocess, sys, tempfile

ED25519_HEAD = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what DER puts before the 32 bytes of a key


def sha256(data):
    return hashlib.sha256(data).digest()


def root(leaves):
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"")
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\1" + root(leaves[:split]) + root(leaves[split:]))


def bundle_path(number, width):
    groups = ["%03d" % (number % 1000)]
    while number >= 1000:
        number //= 1000
        groups.insert(0, "x%03d" % (number % 1000))
    return "tile/entries/" + "/".join(groups) + ("" if width == 256 else ".p/%d" % width)


def entries(folder, size):
    for number in range((size + 255) // 256):
        width = min(256, size - number * 256)
        data = open(os.path.join(folder, bundle_path(number, width)), "rb").read()
        for _ in range(width):
            length = int.from_bytes(data[:2], "big")
            assert len(data) >= 2 + length, "bundle %d is short" % number
            yield data[2 : 2 + length]
            data = data[2 + length :]
        assert not data, "bundle %d is long" % number


def check_signature(text, blob, key):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("key", ED25519_HEAD + key), ("text", text), ("signature", blob)):
            open(os.path.join(folder, name), "wb").write(data)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile signature"
        result = subprocess.run(command.split(), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert result.returncode == 0, "the signature is wrong"


def main(folder, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert key[0] == 1 and sha256(name.encode() + b"\n" + key)[:4].hex() == key_id, "the verifier key is odd"
    note = open(os.path.join(folder, "checkpoint"), "rb").read()
    text, signatures = note.rsplit(b"\n\n", 1)
    text += b"\n"
    blobs = [base64.b64decode(line.split(b" ")[2]) for line in signatures.splitlines() if line.split(b" ")[1] == name.encode()]
    own = [blob[4:] for blob in blobs if blob[:4].hex() == key_id]
    assert own, "there is no signature of this key"
    for blob in own:
        check_signature(text, blob, key[1:])
    origin, size, claimed = text.decode().split("\n")[:3]
    assert origin == name, "another log"
    leaves = [sha256(b"\0" + entry) for entry in entries(folder, int(size))]
    assert base64.b64encode(root(leaves)).decode() == claimed, "the entries do not give the root"
    print("verified", size)


try:
    main(sys.argv[1], sys.argv[2])
except Exception as reason:
    sys.exit("REFUSED: %s" % reason)
