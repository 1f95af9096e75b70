"""A bounded program for the tests: takes its task, says so, and sleeps."""

import time

from portal.uploads.limits import take_task

if __name__ == "__main__":
    take_task()
    print("taken", flush=True)
    time.sleep(600)
