"""Exit status 1 when the engine has work and stands still, or when its server has gone silent; 0 otherwise.

/health answers 200 from a hung engine and times out on a busy one, so it says nothing about liveness. Two series do:
the step counter rises with every step that gives output, and the share of the KV cache in use moves with every step of
a long prefill, which gives none. Both are written when a step ends; a hung engine leaves them as they were.

What was seen last is kept in a file between runs. Doubt is never a reason to restart: series that are missing, a file
that cannot be read or written and a fault of this script itself all count as alive.
"""

import argparse
import functools
import http.client
import json
import math
import os
import re
import signal
import sys
import time

WORK = ("vllm:num_requests_running", "vllm:num_requests_waiting")
STEPS = "vllm:iteration_tokens_total_count"
CACHE = "vllm:kv_cache_usage_perc"
ENGINE = re.compile(r'(?:^|,)\s*engine="((?:[^"\\]|\\.)*)"')
LARGEST_ANSWER_BYTES = 32 * 2**20
LARGEST_STATE_BYTES = 2**20


class Silent(Exception):
    """No answer came in time."""


class Unreadable(Exception):
    """An answer came, and it does not say how the engine is."""


def out_of_time(_signal, _frame):
    raise Silent("no complete answer in time")


def read_metrics(port, timeout):
    """The text at /metrics. The limit holds for the whole exchange: a socket's own would start anew at every byte."""
    signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/metrics", headers={"Accept": "text/plain", "Connection": "close"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise Unreadable(f"/metrics answers with status {answer.status}")
        return answer.read(LARGEST_ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise Silent(str(error) or type(error).__name__) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.close()


def samples(text):
    """(name, engine, value) of every sample that counts here."""
    for line in text.splitlines():
        name, opened, rest = line.partition("{")
        labels, closed, number = rest.rpartition("}")
        if not opened or not closed or name not in (*WORK, STEPS, CACHE):
            continue
        engine = ENGINE.search(labels)
        fields = number.split()
        try:
            value = float(fields[0])
        except (IndexError, ValueError):
            continue
        if engine and math.isfinite(value):
            yield name, engine.group(1), value


def engines(text):
    """By engine: requests it holds, steps it has made, share of its cache in use."""
    found = {}
    for name, engine, value in samples(text):
        sums = found.setdefault(engine, {})
        key = "work" if name in WORK else name
        sums[key] = sums.get(key, 0.0) + value
    complete = {
        engine: {"work": sums["work"], "steps": sums[STEPS], "cache": sums.get(CACHE, 0.0)}
        for engine, sums in found.items()
        if "work" in sums and STEPS in sums
    }
    if not complete:
        raise Unreadable(f"/metrics has no {STEPS} with {WORK[0]} beside it")
    return complete


def server_process():
    """Changes whenever the container or the node starts anew: what was seen of an earlier server proves nothing."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        with open("/proc/1/stat", encoding="utf-8", errors="replace") as file:
            started = file.read().rpartition(")")[2].split()[19]
        return f"{boot}/{started}"
    except (OSError, IndexError):
        return "unknown"


def load(path, process, now):
    """What the last run left, or a blank when there is nothing that can be relied on."""
    blank = {"process": process, "at": now, "silentSince": None, "engines": {}}
    try:
        with open(path, encoding="utf-8") as file:
            state = json.loads(file.read(LARGEST_STATE_BYTES))
        if state["process"] != process or not state["at"] <= now:
            return blank
        silent = state["silentSince"]
        seen = {
            str(name): {key: float(engine[key]) for key in ("steps", "cache")}
            | {"stuckSince": None if engine["stuckSince"] is None else float(engine["stuckSince"])}
            for name, engine in state["engines"].items()
        }
        return blank | {"silentSince": None if silent is None else float(silent), "engines": seen}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return blank


def save(path, state):
    """Replaces the file in one go: a probe that is killed half way leaves the old one. Returns what went wrong."""
    partial = f"{path}.{os.getpid()}"
    try:
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(state, file, sort_keys=True)
        os.replace(partial, path)
    except OSError as error:
        return f" (cannot keep what was seen: {error})"
    return ""


def judge(state, read, now, stall):
    """Brings the state up to date; returns (alive, one line that says why)."""
    try:
        current = engines(read())
    except Silent as silent:
        since = now if state["silentSince"] is None else state["silentSince"]
        state["silentSince"] = since
        line = f"the server has not answered at /metrics for {now - since:.0f} s (limit {stall:g} s): {silent}"
        return now - since < stall, line
    except Unreadable as reason:
        state["silentSince"] = None
        return True, f"cannot tell: {reason}"
    state["silentSince"] = None
    before, state["engines"] = state["engines"], {}
    stuck = []
    for name, engine in sorted(current.items()):
        last = before.get(name)
        # Any difference is progress, a lower count as well: the counter began anew.
        moved = last is None or (last["steps"], last["cache"]) != (engine["steps"], engine["cache"])
        since = None
        if engine["work"] > 0:
            since = now if moved or last["stuckSince"] is None else last["stuckSince"]
            if now - since >= stall:
                stuck.append(
                    f"engine {name} holds {engine['work']:.0f} requests and has made no step"
                    f" for {now - since:.0f} s (limit {stall:g} s, {engine['steps']:.0f} steps so far)"
                )
        state["engines"][name] = {"steps": engine["steps"], "cache": engine["cache"], "stuckSince": since}
    if stuck:
        return False, "; ".join(stuck)
    return True, f"engines that make progress or have nothing to do: {', '.join(sorted(current))}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--stall-seconds", type=float, required=True)
    parser.add_argument("--timeout-seconds", type=float, required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--now", type=float, help="seconds on a clock that never goes back; default: this machine's")
    parser.add_argument("--process", help="names the server process; default: start of process 1")
    arguments = parser.parse_args()
    # Time that the machine spent suspended does not count: the engine stood still with it.
    now = time.monotonic() if arguments.now is None else arguments.now
    process = arguments.process or server_process()
    try:
        state = load(arguments.state, process, now)
        read = functools.partial(read_metrics, arguments.port, arguments.timeout_seconds)
        alive, line = judge(state, read, now, arguments.stall_seconds)
        line += save(arguments.state, state)
    except Exception as error:  # A fault here says nothing about the engine.
        alive, line = True, f"cannot tell: {type(error).__name__}: {error}"
    print(line)
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(main())
