#!/usr/bin/env python3
"""Go through the window with mouse and keyboard, as a migrator would.

usage: drive.py PICTURES DIR COMMAND...

COMMAND starts omt with --demo --dir and --trace; its standard output is the
trace, whose lines say what can be clicked and where. DIR is the folder of the
demo as this system names it, PICTURES one for screenshots. The first start leads
from Welcome to Complete, with people moved on the board by drag, with keys and
under a filter; then files that were missing are put in place, and the
second start sends exactly those.
"""
import contextlib
import gzip
import json
import os
import pathlib
import queue
import re
import sqlite3
import subprocess
import sys
import threading
import time

LIMIT = int(os.environ.get("OMT_PATIENCE", "120"))  # seconds for a page to come, far more than it needs
PAUSE = int(os.environ.get("OMT_PAUSE", "250"))  # milliseconds during which the window does not answer

LARGEST = "SalesPREM-ServicePREM-Marketing"  # the plan of the sample with everything in it


class Failed(Exception):
    pass


class Window:
    """One start of the program."""

    def __init__(self, command, pictures, name):
        self.pictures, self.name, self.shots = pictures, name, 0
        self.log = open(pictures / f"{name}.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
        self.lines, self.now, self.other = queue.Queue(), {"page": "", "items": []}, []
        self.pauses = []
        threading.Thread(target=self.read, daemon=True).start()
        threading.Thread(target=self.listen, daemon=True).start()
        self.id, self.at = None, None

    def read(self):
        for line in self.process.stdout:
            self.log.write(line)
            self.log.flush()
            said = json.loads(line)
            if "pause" in said:
                self.pauses.append(said)
            else:
                self.lines.put(said)
        self.lines.put(None)

    def listen(self):
        for line in self.process.stderr:
            self.other.append(line)

    def until(self, what, test):
        """Wait until the window looks as test wants it."""
        end = time.monotonic() + LIMIT
        while True:
            found = test(self.now)
            if found:
                return found
            try:
                line = self.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise Failed(f"{what} did not come within {LIMIT} s; the window shows {json.dumps(self.now, ensure_ascii=False)}") from None
            if line is None:
                raise Failed(f"the window went away while waiting for {what}: {''.join(self.other)}")
            self.now = line

    def settled(self):
        """Take in all lines that have come, and wait until no new one comes."""
        while True:
            try:
                line = self.lines.get(timeout=0.6)
            except queue.Empty:
                return
            if line is None:
                raise Failed(f"the window went away: {''.join(self.other)}")
            self.now = line

    def page(self, name):
        self.until(f"page {name}", lambda now: now["page"] == name and not now.get("busy"))
        self.settled()

    def item(self, pattern, kind=None, wait=True):
        """The first widget whose label matches, which is open."""
        def find(now):
            for item in now["items"]:
                if re.search(pattern, item["label"]) and (kind is None or item["kind"] == kind) and not item.get("disabled"):
                    return item
            return None
        return self.until(f"{kind or 'widget'} {pattern!r}", find) if wait else find(self.now)

    def xdo(self, *words):
        if self.id is None:
            self.id = subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "^omt"], check=True, capture_output=True,
                                     text=True, timeout=60).stdout.split()[0]
        subprocess.run(["xdotool", *[w.replace("WINDOW", self.id) for w in words]], check=True, timeout=60)

    def to(self, item):
        """Point at an item. Where the pointer is already, --sync would wait for a
        movement that does not come."""
        if self.at != (item["x"], item["y"]):
            self.at = item["x"], item["y"]
            self.xdo("mousemove", "--sync", "--window", "WINDOW", *map(str, self.at))

    def click(self, pattern, kind=None):
        self.settled()
        item = self.item(pattern, kind)
        self.to(item)
        self.xdo("click", "1")
        self.settled()

    def type(self, pattern, text):
        self.click(pattern, "entry")
        self.xdo("key", "ctrl+a")
        self.xdo("type", "--delay", "40", text)
        self.settled()

    def drag(self, item, x, y):
        self.take(item, x, y)
        self.shot("dragging")
        self.release()

    def take(self, item, x, y):
        """Press the button on an item and lead it to a place."""
        self.to(item)
        self.xdo("mousedown", "1")
        self.lead(item["x"], item["y"], x, y)

    def lead(self, x, y, to_x, to_y):
        """Move in steps, as a hand does: one leap is no drag."""
        steps = []
        for step in range(1, 21):
            steps += ["mousemove", "--window", "WINDOW", str(x + (to_x - x) * step // 20), str(y + (to_y - y) * step // 20), "sleep", "0.02"]
        self.xdo(*steps)
        self.at = to_x, to_y

    def release(self):
        self.xdo("mouseup", "1")
        self.settled()

    def keys(self, *names):
        self.xdo("key", "--delay", "60", *names)
        self.settled()

    def cards(self, column):
        """The cards of a column that can be seen, from the top."""
        found = [i for i in self.now["items"] if i["kind"] == "card" and re.search(rf", plan {column}($|,)", i["label"])]
        return sorted(found, key=lambda i: i["y"])

    def shot(self, name):
        self.shots += 1
        subprocess.run(["import", "-window", "root", str(self.pictures / f"{self.name}-{self.shots:02d}-{name}.png")], check=True, timeout=60)

    def close(self):
        item = self.item("^Close$", "button")
        self.to(item)
        self.xdo("click", "1")
        code = self.process.wait(timeout=60)
        if code != 0:
            raise Failed(f"the window ended with {code}: {''.join(self.other)}")
        wrong = [line for line in self.other if "Error in Fyne call thread" in line]
        if wrong:
            raise Failed("a widget was touched from the wrong goroutine: " + wrong[0])
        # What fyne itself is at, opening the window above all, is not ours to
        # shorten.
        slow = [p for p in self.pauses if p["in"].startswith("omt/") and too_long(p)]
        if slow:
            raise Failed(f"the window did not answer for more than {PAUSE} ms: {slow}")


def too_long(pause):
    """Whether the window worked for longer than it may, was seen waiting, or did not
    answer although a processor was free for as long. The clock on the wall alone does
    not tell: a thread of a busy computer stands still without a fault of its own.
    Opening the window is no callback, nobody can click yet: fyne makes its context of
    OpenGL there, which has four times as long."""
    most = PAUSE * (4 if pause["in"].endswith("(*Window).Show") else 1)
    return max(pause["cpu"], pause.get("free", 0)) > most or pause["pause"] > most and pause.get("waits")


def longest(pauses):
    """The longest pauses by the clock on the wall, in words, a line each."""
    def words(p):
        below = f", below it {p['at']}" if p.get("at") else ""
        return f"  {p['pause']} ms: worked {p['cpu']}, waited for a processor {p.get('queued', 0)}, one was free for {p.get('free', 0)}; in {p['in']}{below}"
    return "\n".join(map(words, sorted(pauses, key=lambda p: -p["pause"])[:5]))


def first(w):
    w.page("welcome")
    w.shot("welcome")
    w.click("^Next", "button")
    login(w)
    confirm(w)
    w.page("checklist")
    w.shot("checklist")
    checks(w)
    plans(w)
    ok(w, "^User names", "names")
    ok(w, "^E-mail notifications", "notifications")
    ok(w, "^Customer Service mailboxes", "mailboxes")
    w.shot("confirmed")
    upload(w)


def login(w):
    w.page("login")
    w.until("the connection", lambda now: any(i["label"] == "Fill in" for i in now["items"]))
    w.click("^Fill in", "button")
    w.shot("login")
    w.click("^Login", "button")


def confirm(w):
    w.page("confirm")
    w.shot("confirm")
    for box in [i for i in w.now["items"] if i["kind"] == "check" and i.get("value") == "off"]:
        w.to(box)
        w.xdo("click", "1")
        w.settled()
    w.shot("confirmed")
    w.click("^Checklist|^Next|^Continue", "button")


def checks(w):
    w.click("^Checks of the installation", "card")
    w.page("checks")
    w.shot("checks")
    box = w.item("", "check")
    w.to(box)
    w.xdo("click", "1")
    w.settled()
    w.shot("acknowledged")
    w.click("^Checklist|^Back to the checklist", "button")
    w.page("checklist")


def plans(w):
    """Give people other plans by every way that the board has. w.plans says what
    each of them must have at the target."""
    w.click("^User plans", "card")
    w.page("plans")
    w.shot("plans")
    w.plans = {}
    drag_one(w)
    drag_many(w)
    drag_far(w)
    by_keys(w)
    take_back(w)
    filtered(w)
    w.shot("moved")
    w.click("^OK", "button")
    w.page("checklist")


def who(card):
    return card["label"].split(",")[0]


def lies_in(w, name, column):
    """The window shows a person in a column, or does not show the person because
    the column is too long; it does not show the person in another one."""
    def there(now):
        cards = [i["label"] for i in now["items"] if i["label"].startswith(name + ",")]
        return all(re.search(rf", plan {column}($|,)", label) for label in cards)
    w.until(f"{name} in {column}", there)


def drag_one(w):
    card, over = w.cards("SalesPREM")[0], w.cards("ServicePREM")[0]
    w.drag(card, over["x"], over["y"] + 40)
    lies_in(w, who(card), "ServicePREM")
    w.plans[who(card)] = "ServicePREM"


def drag_many(w):
    """Select two with Ctrl and drag both by one of them."""
    first, second = w.cards(LARGEST)[:2]
    over = w.cards("ServicePREM")[0]
    w.to(first)
    w.xdo("click", "1")
    w.to(second)
    w.xdo("keydown", "ctrl", "click", "1", "sleep", "0.1", "keyup", "ctrl")
    w.item(r"^Move \(2\)", "button")
    w.drag(second, over["x"], over["y"])
    for card in (first, second):
        lies_in(w, who(card), "ServicePREM")
        w.plans[who(card)] = "ServicePREM"


def drag_far(w):
    """Hold a card at the lower edge of its column until the list has scrolled
    away from under it: the row that was taken then belongs to somebody else."""
    card, over = w.cards("SalesPREM")[0], w.cards(LARGEST)[0]
    bottom = w.item("^OK", "button")["y"] - 84
    w.take(card, card["x"], bottom)
    w.until(f"a column without {who(card)}", lambda now: w.cards("SalesPREM") and who(card) not in [who(c) for c in w.cards("SalesPREM")])
    w.shot("scrolled")
    w.lead(card["x"], bottom, over["x"], over["y"])
    w.release()
    lies_in(w, who(card), LARGEST)
    w.plans[who(card)] = LARGEST


def by_keys(w):
    """Arrow up from a card, and the number of a column."""
    card, below = w.cards("SalesPREM")[:2]
    w.to(below)
    w.xdo("click", "1")
    w.keys("Escape", "Up", "4")
    w.until(f"{who(card)} elsewhere", lambda now: who(card) not in [who(c) for c in w.cards("SalesPREM")])
    lies_in(w, who(card), "Marketing")
    w.plans[who(card)] = "Marketing"


def take_back(w):
    """Undo, redo and undo a move: the person stays where the suggestion was."""
    card = next(c for c in w.cards("ServicePREM") if who(c) not in w.plans)
    w.to(card)
    w.xdo("click", "1")

    def gone(_):
        return who(card) not in [who(c) for c in w.cards("ServicePREM")]
    w.keys("Escape", "2")
    w.until(f"{who(card)} elsewhere", gone)
    w.keys("ctrl+z")
    w.until(f"{who(card)} back", lambda now: not gone(now))
    w.keys("ctrl+y")
    w.until(f"{who(card)} elsewhere again", gone)
    w.keys("ctrl+z")
    w.until(f"{who(card)} back again", lambda now: not gone(now))
    w.plans[who(card)] = "ServicePREM"


def filtered(w):
    """Filter by two words, drag the one who is left, and empty the filter."""
    card = next(c for plan in (LARGEST, "ServicePREM") for c in w.cards(plan) if who(c) not in w.plans and who(c).isascii())
    over = w.cards("SalesPREM")[0]
    w.keys("slash")
    w.xdo("type", "--delay", "40", who(card).lower())
    w.until("one card alone", lambda now: [who(i) for i in now["items"] if i["kind"] == "card"] == [who(card)])
    w.shot("filtered")
    w.settled()
    w.drag(w.item(f"^{who(card)},", "card"), over["x"], over["y"])
    w.item(f"^{who(card)},.* plan SalesPREM($|,)", "card")
    w.plans[who(card)] = "SalesPREM"
    w.keys("ctrl+f", "Escape")
    w.until("everybody", lambda now: w.cards("No user plan") and w.cards("ServicePREM"))


def ok(w, card, page):
    """Open a line of the checklist and confirm it as it is."""
    w.click(card, "card")
    w.page(page)
    w.shot(page)
    w.click("^OK", "button")
    w.page("checklist")


def upload(w):
    w.click("^Upload", "button")
    w.page("complete")
    w.shot("complete")


def found(directory):
    """Put files where the manifest says that some were missing."""
    made = {}
    for part in sorted((directory / "target" / "manifest").glob("*/*.jsonl.gz")):
        with gzip.open(part, "rt", encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                if line["kind"] == "document" and line["state"] == "missing" and "%" not in line["target"] and len(made) < 3:
                    _, associate, period, name = line["target"].split("/")
                    folder = directory / "sample" / "so_arc" / associate / period
                    folder.mkdir(parents=True, exist_ok=True)
                    made[line["target"]] = f"found weeks later: {name}".encode()
                    (folder / name).write_bytes(made[line["target"]])
    if len(made) != 3:
        raise Failed(f"the first run left only {len(made)} documents out")
    return made


def planned(directory, wanted):
    """The users whose cards were moved have the plans of their columns at the
    target, and who was moved back has that of before."""
    plans = {p["name"]: p["id"] for p in json.loads((directory / "sample" / "sample.omt-ticket").read_text(encoding="utf-8"))["plans"]}
    users = json.loads((directory / "target" / "plan.json").read_text(encoding="utf-8"))["users"]
    for name, plan in wanted.items():
        got = [u["plan"] for u in users if u["fullName"] == name]
        if got != [plans[plan]]:
            raise Failed(f"{name} was moved to {plan}, plan.json says {got}")
    if len(wanted) != 7:
        raise Failed(f"the board was to move 7 people, it moved {sorted(wanted)}")


def remembered(directory):
    """Journal and log know both runs and how they ended."""
    state = directory / "state"
    with contextlib.closing(sqlite3.connect(next(state.glob("*.db")))) as journal:
        runs = journal.execute("select mode, state from runs order by seq").fetchall()
    if runs != [("test", "uploaded"), ("test", "uploaded")]:
        raise Failed(f"the journal has the runs {runs}")
    lines = [json.loads(line) for line in (state / "omt.log").read_text(encoding="utf-8").splitlines()]
    ends = [line["run"] for line in lines if line["msg"] == "run is uploaded"]
    begins = [(line["begin"], line["recovery"]) for line in lines if line["msg"] == "run begins"]
    if len(set(ends)) != 2 or begins != [("initial", ""), ("recovery", "missing")]:
        raise Failed(f"the log says that runs began as {begins} and that {ends} were uploaded")


def contents(directory):
    """Every object of the target but those that each run writes."""
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in sorted(directory.rglob("*"))
            if p.is_file() and not p.relative_to(directory).as_posix().startswith((".omt-tmp/", "manifest/", "report.", "session."))}


def second(w):
    w.page("welcome")
    w.shot("welcome")
    w.click("^Next", "button")
    w.page("recovery")
    w.shot("recovery")
    w.click("^Next|^Resume|^Continue", "button")
    login(w)
    w.page("upload")
    w.shot("preview")
    w.click("^Upload missing files", "button")
    w.page("complete")
    w.shot("complete")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    pictures, directory, command = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    pictures.mkdir(parents=True, exist_ok=True)
    w = start(command, pictures, "first", first)
    planned(directory, w.plans)
    before = contents(directory / "target")
    made = found(directory)
    again = start(command, pictures, "second", second)
    after = contents(directory / "target")
    wanted = dict(before, **made)
    if after != wanted:
        changed = sorted(name for name in set(after) | set(wanted) if after.get(name) != wanted.get(name))
        raise Failed(f"the recovery should have added {sorted(made)} and nothing else; these are other: {changed}")
    remembered(directory)
    state = json.loads((directory / "target" / "session.json").read_text(encoding="utf-8"))["state"]
    if state != "uploaded":
        raise Failed(f"the target is in the state {state}")
    ours = [p for p in w.pauses + again.pauses if p["in"].startswith("omt/")]
    print(f"the window led from Welcome to Complete, and the second start sent {len(made)} files that had been missing; "
          f"{len(ours)} pauses of 100 ms or more" + (", the longest:\n" + longest(ours) if ours else ""))


def start(command, pictures, name, act):
    w = Window(command, pictures, name)
    try:
        act(w)
        w.close()
    except Exception:
        try:
            w.shot("failed")
        finally:
            w.process.kill()
        raise
    return w


if __name__ == "__main__":
    try:
        main()
    except Failed as e:
        sys.exit(str(e))
