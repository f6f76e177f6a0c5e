import threading

from core.scheduler import Scheduler


def test_a_task_runs():
    done = threading.Event()
    scheduler = Scheduler()
    scheduler.schedule(0.01, done.set)
    assert done.wait(20)
    scheduler.stop()
