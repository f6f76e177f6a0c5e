"""Runs another program and gives back how it ended."""
import subprocess


def run(command, timeout=30):
    return subprocess.run(command, capture_output=True, timeout=timeout).returncode
