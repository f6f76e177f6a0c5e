"""The same work for apscheduler as the bench gives to Aurora; prints numbers for the bench to read.

    peer.py lateness RATE SECONDS   median and 99th percentile of lateness in seconds, and how many ran
    peer.py queue COUNT             seconds to queue COUNT delays in memory
    peer.py persist COUNT FILE      seconds to add COUNT jobs to an SQLite file, each durable when its call returns
"""
import logging
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

logging.disable(logging.CRITICAL)
late = []
done = threading.Event()


def note(due, count):
    late.append(time.time() - due)
    if len(late) >= count:
        done.set()


def nothing():
    pass


def scheduler(**options):
    return BackgroundScheduler(executors={"default": ThreadPoolExecutor(8)}, timezone=timezone.utc,
                               job_defaults={"misfire_grace_time": None}, **options)


def lateness(rate, seconds):
    count = rate * seconds
    own = scheduler()
    own.start(paused=True)
    begin = time.time() + count / 3000 + 1
    for number in range(count):
        due = begin + number / rate
        own.add_job(note, "date", run_date=datetime.fromtimestamp(due, timezone.utc), args=(due, count))
    own.resume()
    done.wait(seconds + 120)
    late.sort()
    print(late[len(late) // 2], late[len(late) * 99 // 100], len(late))


def queue(count):
    own = scheduler()
    own.start(paused=True)
    far = datetime.now(timezone.utc) + timedelta(hours=1)
    begin = time.monotonic()
    for number in range(count):
        own.add_job(nothing, "date", run_date=far + timedelta(seconds=number * 7919 % 86400))
    print(time.monotonic() - begin)


def persist(count, path):
    own = scheduler(jobstores={"default": SQLAlchemyJobStore(url="sqlite:///" + path)})
    own.start(paused=True)
    far = datetime.now(timezone.utc) + timedelta(hours=1)
    begin = time.monotonic()
    for number in range(count):
        own.add_job(nothing, "date", run_date=far, id=str(number))
    print(time.monotonic() - begin)


verb = sys.argv[1]
if verb == "lateness":
    lateness(int(sys.argv[2]), int(sys.argv[3]))
elif verb == "queue":
    queue(int(sys.argv[2]))
else:
    persist(int(sys.argv[2]), sys.argv[3])
