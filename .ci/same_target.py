#!/usr/bin/env python3
"""Compare two targets that were filled on different systems.

usage: same_target.py TARGET SAMPLE-AS-IT-WAS-NAMED TARGET SAMPLE-AS-IT-WAS-NAMED

Equal means: the same objects with the same bytes, the same lines in the
manifest, the same members in the package. What may differ: run id, host, times,
attempts, what the computer says of its own disk, and where the sample lay, which
source paths and the rows of attachment_location and config name. Files whose paths differ in case alone cannot lie side
by side on Windows; they are left out, and so are the sums that count them.
"""
import gzip
import hashlib
import json
import pathlib
import sys
import zipfile

OF_ONE_RUN = {"run", "host", "started", "updated", "finished", "manifest", "attempts"}
TIMED = {"Origin.xml", "_rels/.rels"}
PATHS = {"attachment_location", "config"}


def lines(root, base):
    """The lines of all manifests, with sources as seen from the sample."""
    out = {}
    for part in sorted(root.glob("manifest/*/*.jsonl.gz")):
        with gzip.open(part, "rt", encoding="utf-8") as f:
            for text in f:
                line = json.loads(text)
                if "source" in line:
                    line["source"] = below(line["source"], base)
                reason = line.get("reason") or {}
                if "Path" in reason.get("args", {}):
                    reason["args"]["Path"] = below(reason["args"]["Path"], base)
                if line["kind"] == "package" or (line["kind"] == "part" and names_paths(line["key"])) or line["kind"] == "plan":
                    for key in ("size", "sha256", "crc32", "digest"):
                        line.pop(key, None)
                out[line["kind"], str(line["key"])] = line
    return out


def names_paths(member):
    """Whether a data part is of a table whose rows name folders of the sample."""
    parts = member.split("/")
    return len(parts) == 3 and parts[0] == "Data" and parts[1].lower().split(".")[-1] in PATHS


def below(path, base):
    path = path.replace("\\", "/")
    base = base.replace("\\", "/").rstrip("/")
    return path[len(base) + 1:] if path.lower().startswith(base.lower() + "/") else path


def twins(*targets):
    """Sources that differ from another one in case alone."""
    seen = {}
    for lines_of in targets:
        for line in lines_of.values():
            source = line.get("source")
            if source:
                seen.setdefault(source.casefold(), set()).add(source)
    return {folded for folded, names in seen.items() if len(names) > 1}


def without(lines_of, folded):
    """The lines that name none of the sources, and the objects of those that do."""
    kept, gone = {}, set()
    for key, line in lines_of.items():
        if line.get("source", "").casefold() in folded:
            gone.add(line.get("target"))
        else:
            kept[key] = line
    return kept, gone


def objects(root, base):
    """Name and digest of every object that is the same for equal runs."""
    out = {}
    for file in sorted(p for p in root.rglob("*") if p.is_file()):
        name = file.relative_to(root).as_posix()
        if name.startswith((".omt-tmp/", "manifest/")) or name in ("session.lock", "report.html"):
            continue
        if name.endswith(".bacpac"):
            out.update(members(file, name))
        elif name in ("session.json", "report.json", "plan.json"):
            document = json.loads(file.read_text(encoding="utf-8"))
            out.update({f"{name} {key}": value for key, value in plain(document, base).items()})
        else:
            out[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return out


def plain(document, base):
    """What is the same for equal runs of a document, by its fields."""
    kept = {k: v for k, v in document.items() if k not in OF_ONE_RUN}
    kept.get("database", {}).pop("bytes", None)
    kept.pop("kinds", None)
    kept.pop("owners", None)
    kept.get("terms", {}).pop("accepted", None)
    checks = kept.get("checks", {})
    for key in ("taken", "acknowledged", "volume"):
        checks.pop(key, None)
    if "outcomes" in checks:
        # One disk is known to be unencrypted, of the other nothing is known.
        checks["outcomes"] = [o for o in checks["outcomes"] if o["id"] != "volume"]
    kept["warnings"] = [w for w in kept.get("warnings") or [] if w["id"] != "warn.clash"]
    for warning in kept["warnings"]:
        if "Path" in warning.get("args", {}):
            warning["args"]["Path"] = below(warning["args"]["Path"], base)
    return {key: json.dumps(value, sort_keys=True) for key, value in kept.items()}


def members(file, name):
    out = {}
    with zipfile.ZipFile(file) as z:
        for m in z.namelist():
            if m in TIMED or names_paths(m):
                out[f"{name} {m}"] = "there"
            else:
                out[f"{name} {m}"] = hashlib.sha256(z.read(m)).hexdigest()
    return out


def differences(kind, a, b):
    for key in sorted(set(a) | set(b), key=str):
        if key not in b:
            yield f"{kind} {key}: only in the first"
        elif key not in a:
            yield f"{kind} {key}: only in the second"
        elif a[key] != b[key]:
            yield f"{kind} {key}: {a[key]} and {b[key]}"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    first, second = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[3])
    a, b = lines(first, sys.argv[2]), lines(second, sys.argv[4])
    folded = twins(a, b)
    a, gone = without(a, folded)
    b, also = without(b, folded)
    found = list(differences("line", a, b))
    x, y = objects(first, sys.argv[2]), objects(second, sys.argv[4])
    for name in gone | also:
        x.pop(name, None)
        y.pop(name, None)
    found += differences("object", x, y)
    if not a or not x:
        sys.exit("the first target is empty")
    if found:
        sys.exit("\n".join(found[:40] + [f"{len(found)} differences"]))
    print(f"{len(x)} objects and package members and {len(a)} lines of the manifest are the same; "
          f"{len(folded)} pairs of paths that differ in case alone were left out")


if __name__ == "__main__":
    main()
