#!/usr/bin/env python3
"""Checks a database package (.bacpac) from outside the product.

usage: check_bacpac.py PACKAGE [COUNTS [COLUMNS]]

COUNTS is a JSON object {"schema.table": rows}; a table that is not in it, or
has 0 rows, may have no data part. COLUMNS is one {"[schema].[table]": [name,
...]} of all tables with all their columns in table order. Needs Python 3.8 and nothing else.

It is written from the description of the format alone and knows nothing of
the program that wrote the package: zip members and their flags, the model's
checksum and the number of rows in Origin.xml, two relationships a data part,
content types, everything that the model refers to, and every data part decoded
by model.xml to its last byte. Ends with 1 and one message on the first fault.
"""

import hashlib
import json
import re
import struct
import sys
import xml.etree.ElementTree as ET
import zipfile

DAC = "{http://schemas.microsoft.com/sqlserver/dac/Serialization/2012/02}"
REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
FIXED_MEMBERS = {"model.xml", "DacMetadata.xml", "[Content_Types].xml", "_rels/.rels", "Origin.xml"}
CONTENT_TYPES = {
    "xml": "text/xml",
    "BCP": "application/octet-stream",
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
}
PART = re.compile(r"^Data/([^/]+)/TableData-\d{3}-\d{5}\.BCP$")
DAYS_MAX = 3652058  # 9999-12-31, days since 0001-01-01


class Fault(Exception):
    """What is wrong with the package."""


def need(condition, message):
    if not condition:
        raise Fault(message)


# Sizes of the types that have one; a prefix of one byte stands before them if
# the column takes NULL.
NUMBERS = {
    "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8, "real": 4, "float": 8,
    "money": 8, "smallmoney": 4, "datetime": 8, "smalldatetime": 4,
    "date": 3, "time": 5, "datetime2": 8, "datetimeoffset": 10,
}
# Sizes of the types that always have that prefix.
PREFIXED = {"bit": 1, "uniqueidentifier": 16, "decimal": 19, "numeric": 19}
TEXTS = {"char", "varchar", "nchar", "nvarchar", "xml", "text", "ntext"}


def split_name(text):
    """Takes [a].[b] apart; ]] stands for one bracket."""
    need(re.fullmatch(r"\[(?:[^\]]|\]\])*\](?:\.\[(?:[^\]]|\]\])*\])*", text or ""), f"model: name {text!r}")
    return [part.replace("]]", "]") for part in re.findall(r"\[((?:[^\]]|\]\])*)\]", text)]


def prop(element, name):
    for p in element.findall(DAC + "Property"):
        if p.get("Name") == name:
            return p.get("Value")
    return None


def relation(element, name):
    for r in element.findall(DAC + "Relationship"):
        if r.get("Name") == name:
            return r
    return None


class Column:
    """One column with data and how its values lie in a part."""

    def __init__(self, element, aliases):
        self.name = split_name(element.get("Name"))[-1]
        self.nullable = prop(element, "IsNullable") != "False"
        spec = relation(element, "TypeSpecifier").find(f"{DAC}Entry/{DAC}Element")
        type_ref = relation(spec, "Type").find(f"{DAC}Entry/{DAC}References")
        if type_ref.get("ExternalSource") != "BuiltIns":
            need(type_ref.get("Name") in aliases, f"model: {self.name} is not of a built-in type, nor of one in the model")
            spec = aliases[type_ref.get("Name")]
            type_ref = relation(spec, "Type").find(f"{DAC}Entry/{DAC}References")
            need(type_ref.get("ExternalSource") == "BuiltIns", f"model: the type of {self.name} is made from one that is not built in")
        self.type = split_name(type_ref.get("Name"))[0].lower()
        self.precision = int(prop(spec, "Precision") or 18)
        self.scale = int(prop(spec, "Scale") or 0)
        length, is_max = int(prop(spec, "Length") or 1), prop(spec, "IsMax") == "True"
        self.size, self.limit = None, None
        if self.type in NUMBERS:
            self.prefix, self.size = (1 if self.nullable else 0), NUMBERS[self.type]
        elif self.type in PREFIXED:
            self.prefix, self.size = 1, PREFIXED[self.type]
        elif is_max or self.type == "xml":
            self.prefix = 8
        elif self.type in ("text", "ntext", "image"):
            self.prefix = 4
        else:
            need(self.type in ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary"),
                 f"model: column {self.name} has the type {self.type}, which cannot be in a package")
            self.prefix = 2
            self.limit = length if self.type.endswith("binary") else 2 * length

    def read(self, data, at):
        """Checks the value at an offset and returns the offset behind it."""
        size = self.size
        if self.prefix:
            end = at + self.prefix
            need(end <= len(data), "ends inside a length")
            raw = data[at:end]
            at = end
            if raw == b"\xff" * self.prefix:
                need(self.nullable, "NULL in a column that is NOT NULL")
                return at
            n = int.from_bytes(raw, "little")
            need(size is None or n == size, f"length {n} instead of {size}")
            size = n
        need(self.limit is None or size <= self.limit, f"{size} bytes in a column of {self.limit}")
        end = at + size
        need(end <= len(data), "ends inside a value")
        if size:
            self.check(data[at:end])
        return end

    def check(self, value):
        kind = self.type
        if kind in TEXTS:
            need(len(value) % 2 == 0, "text of odd length")
            try:
                value.decode("utf-16-le")
            except UnicodeDecodeError as e:
                raise Fault(f"text is not UTF-16: {e.reason}") from e
        elif kind == "bit":
            need(value in (b"\x00", b"\x01"), f"bit of {value[0]}")
        elif kind in ("decimal", "numeric"):
            need((value[0], value[1]) == (self.precision, self.scale), "decimal of another precision or scale")
            need(value[2] in (0, 1), f"sign of {value[2]}")
            need(int.from_bytes(value[3:], "little") < 10 ** self.precision, "more digits than the precision")
        elif kind == "datetime":
            days, ticks = struct.unpack("<iI", value)
            need(-53690 <= days <= 2958463 and ticks < 86400 * 300, "datetime out of range")
        elif kind == "smalldatetime":
            need(struct.unpack("<HH", value)[1] < 1440, "smalldatetime out of range")
        elif kind in ("date", "time", "datetime2", "datetimeoffset"):
            self.check_date(value)

    def check_date(self, value):
        if self.type != "date":
            need(int.from_bytes(value[:5], "little") < 864000000000, "time out of range")
            value = value[5:]
        if self.type != "time":
            need(int.from_bytes(value[:3], "little") <= DAYS_MAX, "date out of range")
        if self.type == "datetimeoffset":
            need(abs(struct.unpack("<h", value[3:])[0]) <= 14 * 60, "offset out of range")


def read_model(data):
    """Returns {(schema, table): [Column]} and the names of all columns, computed
    ones with them, both in the order of the model."""
    root = ET.fromstring(data)
    need(root.tag == DAC + "DataSchemaModel", "model: root element")
    need(root.get("FileFormatVersion") == "1.2", "model: FileFormatVersion")
    model = root.find(DAC + "Model")
    aliases = {e.get("Name"): e for e in model if e.get("Type") == "SqlUserDefinedDataType"}
    tables, listed = {}, {}
    for element in model:
        if element.get("Type") != "SqlTable":
            continue
        schema, table = split_name(element.get("Name"))
        need((schema, table) not in tables, f"model: table {schema}.{table} is there twice")
        columns, names = [], []
        for entry in relation(element, "Columns"):
            column = entry.find(DAC + "Element")
            name = split_name(column.get("Name"))
            need(name[:2] == [schema, table], f"model: column of another table in {schema}.{table}")
            names.append(name[2])
            if column.get("Type") == "SqlSimpleColumn":
                columns.append(Column(column, aliases))
            else:
                need(column.get("Type") == "SqlComputedColumn", f"model: column kind {column.get('Type')}")
                need(script(column, "ExpressionScript"), f"model: column {name[2]} of {schema}.{table} has no formula")
        need(columns and len(set(names)) == len(names), f"model: columns of {schema}.{table}")
        tables[schema, table] = columns
        listed[element.get("Name")] = names
    check_references(model)
    check_annotations(model)
    return tables, listed


# What a constraint or index must say besides its table: relationships, and
# properties that hold SQL.
KINDS = {
    "SqlPrimaryKeyConstraint": ("DefiningTable", ["ColumnSpecifications"], []),
    "SqlUniqueConstraint": ("DefiningTable", ["ColumnSpecifications"], []),
    "SqlIndex": ("IndexedObject", ["ColumnSpecifications"], []),
    "SqlCheckConstraint": ("DefiningTable", [], ["CheckExpressionScript"]),
    "SqlDefaultConstraint": ("DefiningTable", ["ForColumn"], ["DefaultExpressionScript"]),
    "SqlForeignKeyConstraint": ("DefiningTable", ["Columns", "ForeignColumns", "ForeignTable"], []),
}


def script(element, name):
    """The text of a property that holds SQL."""
    for p in element.findall(DAC + "Property"):
        if p.get("Name") == name:
            return p.findtext(DAC + "Value")
    return None


def references(element, name):
    found = relation(element, name)
    return [] if found is None else [r.get("Name") for r in found.iter(DAC + "References")]


def check_references(model):
    """Holds that all names a model refers to stand in it, and that a constraint
    speaks of the columns of its own table and of the one it refers to."""
    names, columns = set(), {}
    for element in model:
        name = element.get("Name")
        if name:
            need((element.get("Type"), name) not in names, f"model: {name} is there twice")
            names.add((element.get("Type"), name))
        if element.get("Type") == "SqlTable":
            columns[name] = [c.get("Name") for c in element.iter(DAC + "Element")
                             if c.get("Type") in ("SqlSimpleColumn", "SqlComputedColumn")]
    known = {n for _, n in names} | {c for list_ in columns.values() for c in list_}
    for element in model:
        kind, head = element.get("Type"), f"model: {element.get('Type')} {element.get('Name')}"
        if kind != "SqlPermissionStatement":
            for r in element.iter(DAC + "References"):
                need(r.get("ExternalSource") == "BuiltIns" or r.get("Name") in known, f"{head}: {r.get('Name')} is not in the model")
        if kind not in KINDS:
            continue
        owner, relations, scripts = KINDS[kind]
        table = references(element, owner)
        need(len(table) == 1 and table[0] in columns, f"{head}: its table")
        for r in relations + ["IncludedColumns", "BodyDependencies", "CheckExpressionDependencies"]:
            found = references(element, r)
            need(found or r not in relations, f"{head}: no {r}")
            of = references(element, "ForeignTable")[0] if r == "ForeignColumns" else table[0]
            need(r == "ForeignTable" or set(found) <= set(columns.get(of, [])), f"{head}: {r} of another table")
        for s in scripts:
            need(script(element, s), f"{head}: no {s}")
        if kind == "SqlForeignKeyConstraint":
            need(len(references(element, "Columns")) == len(references(element, "ForeignColumns")), f"{head}: columns do not pair up")


def check_annotations(model):
    """Holds that each constraint without a name of its own is attached once."""
    made = [a.get("Disambiguator") for a in model.iter(DAC + "Annotation") if a.get("Type") == "SqlInlineConstraintAnnotation"]
    attached = [a.get("Disambiguator") for a in model.iter(DAC + "AttachedAnnotation")]
    need(len(set(made)) == len(made), "model: two constraints have one number")
    need(sorted(made) == sorted(attached), "model: constraints without a name and what is attached to tables differ")


def check_zip(package):
    bad = package.testzip()
    need(bad is None, f"{bad}: CRC differs")
    seen = set()
    for info in package.infolist():
        need(info.filename not in seen, f"{info.filename}: there twice")
        seen.add(info.filename)
        need(info.flag_bits == 0, f"{info.filename}: flag bits {info.flag_bits:#x}")
        need(info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), f"{info.filename}: compression")
        package.fp.seek(info.header_offset)
        head = struct.unpack("<4sHHHHHIII", package.fp.read(26))
        need(head[0] == b"PK\x03\x04" and head[2] == 0, f"{info.filename}: local header")
        need(head[3] == info.compress_type and head[6] == info.CRC, f"{info.filename}: local header differs from the directory")
        need(info.filename in FIXED_MEMBERS or PART.match(info.filename), f"{info.filename}: not a name of the format")
    for name in FIXED_MEMBERS:
        need(name in seen, f"{name}: missing")


def check_types(package):
    root = ET.fromstring(package.read("[Content_Types].xml"))
    found = {d.get("Extension"): d.get("ContentType") for d in root.findall(TYPES + "Default")}
    need(found == CONTENT_TYPES, f"content types {found}")


def read_relationships(package, parts):
    """Returns {member: (schema, table)}, one pair of relationships a part."""
    root = ET.fromstring(package.read("_rels/.rels"))
    ids, owners = set(), {}
    for rel in root.findall(REL + "Relationship"):
        need(re.fullmatch("R[0-9a-f]{16}", rel.get("Id")), f"relationship id {rel.get('Id')}")
        need(rel.get("Id") not in ids, f"relationship id {rel.get('Id')} is there twice")
        ids.add(rel.get("Id"))
        kind, _, name = rel.get("Type").partition("=")
        need(kind in ("table", "schema") and rel.get("Target", "").startswith("/"), f"relationship {rel.attrib}")
        owner = owners.setdefault(rel.get("Target")[1:], {})
        need(kind not in owner, f"{rel.get('Target')}: two relationships to a {kind}")
        owner[kind] = name
    need(set(owners) == set(parts), "relationships and data parts differ: "
         + ", ".join(sorted(set(owners) ^ set(parts))[:3]))
    for member, owner in owners.items():
        need(set(owner) == {"table", "schema"}, f"{member}: {len(owner)} relationships instead of 2")
    return {member: (o["schema"], o["table"]) for member, o in owners.items()}


def decode(package, member, columns):
    """Reads a part to its last byte and returns the number of rows."""
    data = package.read(member)
    at, rows = 0, 0
    while at < len(data):
        for column in columns:
            start = at
            try:
                at = column.read(data, at)
            except Fault as e:
                raise Fault(f"{member}: row {rows}, offset {start}, column {column.name}: {e}") from None
        rows += 1
    need(rows > 0, f"{member}: no rows")
    return rows


def check_origin(package, model, rows):
    root = ET.fromstring(package.read("Origin.xml"))
    sums = {c.get("Uri"): c.text for c in root.findall(f"{DAC}Checksums/{DAC}Checksum")}
    need(sums.get("/model.xml") == hashlib.sha256(model).hexdigest().upper(), "Origin.xml: checksum of model.xml")
    stated = int(root.find(f"{DAC}ExportStatistics/{DAC}TableRowCountTotalTag").text)
    need(stated == rows, f"Origin.xml states {stated} rows, the data parts have {rows}")
    need(root.find(f"{DAC}PackageProperties/{DAC}ContainsExportedData").text == "true", "Origin.xml: ContainsExportedData")


def check_objects(package, model):
    """Compares the counts of Origin.xml with the elements of the model."""
    root = ET.fromstring(package.read("Origin.xml"))
    stated = {e.tag[len(DAC):]: int(e.text) for e in root.find(f"{DAC}Server/{DAC}ObjectCounts")}
    found = {}
    for element in ET.fromstring(model).iter(DAC + "Element"):
        kind = element.get("Type")[len("Sql"):]
        if kind not in ("TypeSpecifier", "XmlTypeSpecifier", "IndexedColumnSpecification"):
            found[kind] = found.get(kind, 0) + 1
    need(stated == found, f"Origin.xml counts other objects than the model has: {sorted(set(stated.items()) ^ set(found.items()))[:4]}")


def check_counts(tables, counts, path):
    with open(path, encoding="utf-8") as f:
        expected = {k: v for k, v in json.load(f).items() if v}
    names = {f"{s}.{t}" for s, t in tables}
    found = {}
    for (schema, table), n in counts.items():
        found[f"{schema}.{table}"] = found.get(f"{schema}.{table}", 0) + n
    for name in sorted(set(expected) | set(found)):
        need(name in names, f"table {name} is not in the model")
        need(expected.get(name, 0) == found.get(name, 0),
             f"table {name}: {found.get(name, 0)} rows in the package, {expected.get(name, 0)} expected")


def check_columns(listed, path):
    with open(path, encoding="utf-8") as f:
        expected = json.load(f)
    for name in sorted(set(expected) | set(listed)):
        need(expected.get(name) == listed.get(name),
             f"table {name}: the model lists the columns {listed.get(name)}, the database has {expected.get(name)}")


def check(path, counts_path=None, columns_path=None):
    with zipfile.ZipFile(path) as package:
        check_zip(package)
        check_types(package)
        need(ET.fromstring(package.read("DacMetadata.xml")).find(DAC + "Name").text, "DacMetadata.xml: no name")
        model = package.read("model.xml")
        tables, listed = read_model(model)
        parts = [n for n in package.namelist() if n.startswith("Data/")]
        owners = read_relationships(package, parts)
        counts = {}
        for member in parts:
            need(owners[member] in tables, f"{member}: its table is not in the model")
            counts[owners[member]] = counts.get(owners[member], 0) + decode(package, member, tables[owners[member]])
        rows = sum(counts.values())
        check_origin(package, model, rows)
        check_objects(package, model)
        if counts_path:
            check_counts(tables, counts, counts_path)
        if columns_path:
            check_columns(listed, columns_path)
    columns = sum(len(c) for c in tables.values())
    print(f"{path}: {len(tables)} tables, {columns} columns, {len(parts)} data parts, {rows} rows in {len(counts)} tables: good")


def main(args):
    if len(args) not in (1, 2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        check(*args)
    except Fault as e:
        print(f"{args[0]}: {e}", file=sys.stderr)
        return 1
    except (OSError, zipfile.BadZipFile, ET.ParseError, AttributeError, ValueError, TypeError) as e:
        # A part of the package that is not there or not of its form.
        print(f"{args[0]}: {type(e).__name__}: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
