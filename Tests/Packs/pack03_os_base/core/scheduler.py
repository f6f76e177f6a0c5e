"""Runs a function later."""
import threading


class Scheduler:
    def __init__(self):
        self.timers = []

    def schedule(self, delay, function, *arguments):
        timer = threading.Timer(delay, function, arguments)
        self.timers.append(timer)
        timer.start()

    def stop(self):
        for timer in self.timers:
            timer.join()
