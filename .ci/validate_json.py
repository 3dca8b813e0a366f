#!/usr/bin/python3
"""Judges what a migration left in a folder, without any code of omt.

usage: validate_json.py TARGETDIR TICKETFILE

Every JSON file is validated against upload/schema with python3-jsonschema, and
what the schemas cannot say is checked: the manifest's files are those of its
index, every object is there with its size and SHA-256, every part is in its
package, no document id stands twice, nothing lies in the target that the
manifest does not know, and all files speak of the same customer and run.
Exit code 0 if everything holds, 1 with the reasons otherwise, 2 for wrong use.
"""

import gzip
import hashlib
import json
import os
import sys
import zipfile

import jsonschema

SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "upload", "schema")
SENT = ("uploaded", "unchanged")
# What the target holds besides the objects of the manifest.
BESIDE = {"session.json", "session.lock", "report.json", "report.html"}
MOST = 50  # reasons that are shown


class Judge:
    def __init__(self, target):
        self.target = target
        self.wrong = []
        self.validators = {}

    def fail(self, text):
        self.wrong.append(text)

    def equal(self, what, got, want):
        if got != want:
            self.fail(f"{what}: is {got!r}, want {want!r}")

    def check(self, schema, value, what):
        """Validates value; tells whether it conforms."""
        if schema not in self.validators:
            with open(os.path.join(SCHEMAS, schema + ".schema.json"), encoding="utf-8") as f:
                text = json.load(f)
            cls = jsonschema.validators.validator_for(text)
            cls.check_schema(text)
            self.validators[schema] = cls(text)
        errors = list(self.validators[schema].iter_errors(value))
        for e in errors:
            place = "/".join(str(p) for p in e.absolute_path)
            # The ticket's container address is a secret: no value of it is shown.
            text = e.validator if schema == "ticket" else e.message[:300]
            self.fail(f"{what}: {place or 'top level'}: {text} (schema {schema})")
        return not errors

    def load(self, path, schema, what):
        """Reads a JSON file; None if it is not there, not JSON or not valid."""
        try:
            with open(path, encoding="utf-8") as f:
                value = json.load(f, object_pairs_hook=unique)
        except (OSError, ValueError) as e:
            self.fail(f"{what}: {e}")
            return None
        return value if self.check(schema, value, what) else None

    def path(self, name):
        return os.path.join(self.target, *name.split("/"))


def unique(pairs):
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a field stands twice")
    return out


def digest(path, algorithm="sha256"):
    h = hashlib.new(algorithm)
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            h.update(block)
    return h.hexdigest()


def is_file(j, name, size, sha, what):
    """Compares a file of the target with what is said of it."""
    path = j.path(name)
    if ".." in name.split("/") or os.path.islink(path) or not os.path.isfile(path):
        j.fail(f"{what}: {name} is not in the target")
        return False
    j.equal(f"{what}: size of {name}", os.path.getsize(path), size)
    # A package that may not be read back has none; the schema lets nothing else
    # that was sent be without.
    if sha:
        j.equal(f"{what}: SHA-256 of {name}", digest(path), sha)
    return True


def read_lines(j, run, index):
    """Yields every line of the manifest that conforms, with its place."""
    for entry in index["files"]:
        name = f"manifest/{run}/{entry['name']}"
        if not is_file(j, name, entry["size"], entry["sha256"], "manifest index"):
            continue
        count = 0
        try:
            with gzip.open(j.path(name), "rt", encoding="utf-8") as f:
                for count, text in enumerate(f, 1):
                    where = f"{name} line {count}"
                    line = json.loads(text, object_pairs_hook=unique)
                    if j.check("manifest-line", line, where):
                        yield where, line
        except (OSError, EOFError, ValueError) as e:
            j.fail(f"{name}: cannot be read: {e}")
        j.equal(f"manifest index: lines of {name}", count, entry["lines"])


def check_lines(j, lines):
    """Checks every line; returns counts, targets, parts by package and the rows
    that stand in the lines of documents and attachments."""
    counts, targets, keys, parts = {}, {}, set(), {}
    rows = {"document": {}, "attachment": {}}
    for where, line in lines:
        tally = counts.setdefault(line["kind"], {}).setdefault(line["state"], {"count": 0, "bytes": 0})
        tally["count"] += max(1, len(line["rows"]))
        tally["bytes"] += line["size"]
        if (line["kind"], line["key"]) in keys:
            j.fail(f"{where}: {line['kind']} {line['key']} stands twice")
        keys.add((line["kind"], line["key"]))
        if (ids := rows.get(line["kind"])) is not None:
            for row in line["rows"]:
                if row in ids:
                    j.fail(f"{where}: {line['kind']} {row} stands in {ids[row]} already")
                ids[row] = where
        if line["state"] not in SENT:
            continue
        if line["kind"] == "part":
            parts.setdefault(line["target"], []).append((where, line))
            continue
        if line["target"] in targets:
            j.fail(f"{where}: {line['target']} belongs to {targets[line['target']]} already")
        targets[line["target"]] = where
        there = is_file(j, line["target"], line["size"], line["sha256"], where)
        if there and "md5" in line:
            j.equal(f"{where}: MD5 of {line['target']}", digest(j.path(line["target"]), "md5"), line["md5"])
    return counts, targets, parts, rows


def check_rows(j, parts, rows):
    """Every row of the tables document and attachment stands in the manifest;
    that none stands there twice has been checked before."""
    for kind, ids in rows.items():
        carried = sum(line["rowCount"] for lines in parts.values() for _, line in lines
                      if line["table"].lower().endswith(f".[{kind}]"))
        j.equal(f"rows of kind {kind} in the manifest against rows of the table in the package", len(ids), carried)


def check_parts(j, parts, targets):
    """Every part is a member of its package, and every data member is a part."""
    for package, lines in parts.items():
        if package not in targets:
            j.fail(f"{package} has parts but no line of its own in the manifest")
            continue
        try:
            with zipfile.ZipFile(j.path(package)) as z:
                members = {i.filename: i for i in z.infolist()}
        except (OSError, zipfile.BadZipFile) as e:
            j.fail(f"{package}: {e}")
            continue
        data = {n for n in members if n.startswith("Data/")}
        j.equal(f"data members of {package}", sorted(data), sorted(l["key"] for _, l in lines))
        for where, line in lines:
            if member := members.get(line["key"]):
                j.equal(f"{where}: size of {line['key']}", member.file_size, line["size"])
                j.equal(f"{where}: CRC-32 of {line['key']}", f"{member.CRC:08x}", line["crc32"])


def check_strangers(j, targets, report):
    """Nothing lies in the target that no manifest knows and the report does not
    name as left behind."""
    known = set(targets) | BESIDE | set(report.get("orphans", {}).get("paths", []))
    for folder, dirs, files in os.walk(j.target):
        top = os.path.relpath(folder, j.target)
        if top == ".":
            dirs[:] = [d for d in dirs if d != ".omt-tmp"]
        for f in files:
            name = os.path.normpath(os.path.join(top, f)).replace(os.sep, "/")
            if name in known:
                continue
            parts = name.split("/")
            if parts[0] == "manifest" and len(parts) == 3 and in_manifest(j, parts[1], parts[2]):
                continue
            j.fail(f"{name} is in the target but in no manifest")


def in_manifest(j, run, name):
    if name == "index.json":
        return True
    try:
        with open(j.path(f"manifest/{run}/index.json"), encoding="utf-8") as f:
            return name in [e["name"] for e in json.load(f)["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def check_agreement(j, ticket, session, plan, report):
    """The files speak of one customer, one tenant and one run."""
    for field in ("tenant", "company", "serial"):
        for name, value in (("session.json", session), ("plan.json", plan), ("report.json", report)):
            j.equal(f"{field} of {name} against the ticket", value[field], ticket[field])
    for name, value in (("session.json", session), ("report.json", report)):
        j.equal(f"environment of {name} against the ticket", value["environment"], ticket["environment"])
    for name, value in (("plan.json", plan), ("report.json", report)):
        j.equal(f"mode of {name} against session.json", value["mode"], session["mode"])
    if session["mode"] not in ticket["modes"]:
        j.fail(f"mode {session['mode']} is not in the ticket")
    j.equal("run of report.json against session.json", report["run"], session["run"])
    if session["state"] not in ("uploaded", "complete"):
        j.fail(f"session.json: state is {session['state']}, the migration has not arrived")
    offered = {p["id"] for p in ticket["plans"]}
    for user in plan["users"]:
        if user["plan"] not in offered:
            j.fail(f"plan.json: user {user['associateId']} has plan {user['plan']!r}, which the ticket does not offer")


def judge(target, ticket_file):
    j = Judge(target)
    ticket = j.load(ticket_file, "ticket", "ticket")
    session = j.load(j.path("session.json"), "session", "session.json")
    plan = j.load(j.path("plan.json"), "plan", "plan.json")
    report = j.load(j.path("report.json"), "report", "report.json")
    if report is None:
        return j.wrong, 0
    index_name = report["manifest"]["path"]
    index = j.load(j.path(index_name), "manifest-index", index_name)
    if index is None:
        return j.wrong, 0
    run = index_name.split("/")[1]
    j.equal("SHA-256 of the manifest index against report.json", digest(j.path(index_name)), report["manifest"]["sha256"])
    j.equal("run of the manifest index", index["run"], run)
    counts, targets, parts, rows = check_lines(j, read_lines(j, run, index))
    j.equal("counts of the manifest index against its lines", index["counts"], counts)
    j.equal("kinds of report.json against the manifest", report["kinds"], counts)
    check_parts(j, parts, targets)
    if report["consistency"]["proved"]:
        check_rows(j, parts, rows)
    check_strangers(j, targets, report)
    if None not in (ticket, session, plan):
        check_agreement(j, ticket, session, plan, report)
    return j.wrong, len(targets)


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    wrong, objects = judge(sys.argv[1], sys.argv[2])
    for text in wrong[:MOST]:
        print("validate_json: " + text, file=sys.stderr)
    if len(wrong) > MOST:
        print(f"validate_json: and {len(wrong) - MOST} more", file=sys.stderr)
    if wrong:
        return 1
    print(f"validate_json: {objects} objects, all as the manifest says, all files as the schemas say")
    return 0


if __name__ == "__main__":
    sys.exit(main())
