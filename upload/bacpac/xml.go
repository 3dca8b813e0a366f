package bacpac

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// bom is the UTF-8 mark with which DacFx begins its XML members.
const bom = "\ufeff"

// tree writes indented XML the way DacFx does: tabs, CRLF, attributes in the
// order given. encoding/xml cannot write empty elements as <a />, and equal
// bytes are worth more here than its conveniences.
type tree struct {
	bytes.Buffer
	depth int
}

func (t *tree) open(name string, attrs ...string) { t.tag(name, ">", attrs); t.depth++ }

func (t *tree) empty(name string, attrs ...string) { t.tag(name, " />", attrs) }

func (t *tree) close(name string) {
	t.depth--
	t.indent()
	t.WriteString("</" + name + ">")
}

func (t *tree) tag(name, end string, attrs []string) {
	t.indent()
	t.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		t.WriteString(" " + attrs[i] + `="` + escapeXML(attrs[i+1]) + `"`)
	}
	t.WriteString(end)
}

func (t *tree) indent() {
	t.WriteString("\r\n" + strings.Repeat("\t", t.depth))
}

func (t *tree) property(name, value string) { t.empty("Property", "Name", name, "Value", value) }

// script writes a property that holds SQL, which DacFx keeps in CDATA.
func (t *tree) script(name, sql string) {
	t.open("Property", "Name", name)
	t.indent()
	// The end mark of CDATA cannot stand inside one.
	t.WriteString("<Value><![CDATA[" + strings.ReplaceAll(sql, "]]>", "]]]]><![CDATA[>") + "]]></Value>")
	t.close("Property")
}

// refers writes a relationship to several objects; without any it writes nothing.
func (t *tree) refers(relation string, objects []string) {
	if len(objects) == 0 {
		return
	}
	t.relation(relation, func() {
		for _, o := range objects {
			t.entry(func() { t.empty("References", "Name", o) })
		}
	})
}

// relation writes a relationship whose entries body writes.
func (t *tree) relation(name string, body func()) {
	t.open("Relationship", "Name", name)
	body()
	t.close("Relationship")
}

func (t *tree) entry(body func()) {
	t.open("Entry")
	body()
	t.close("Entry")
}

// refer writes a relationship to one object.
func (t *tree) refer(relation, object string) {
	t.relation(relation, func() {
		t.entry(func() { t.empty("References", "Name", object) })
	})
}

// referBuiltIn writes a relationship to one object that every server has.
func (t *tree) referBuiltIn(relation, object string) {
	t.relation(relation, func() {
		t.entry(func() { t.empty("References", "ExternalSource", "BuiltIns", "Name", object) })
	})
}

// escapeXML escapes text for elements and quoted attributes. The names were
// checked before (checkNames): EscapeText would replace what XML cannot hold.
func escapeXML(s string) string {
	if !strings.ContainsAny(s, "<>&\"'\t\r\n") {
		return s
	}
	var b bytes.Buffer
	// A bytes.Buffer takes every byte, so there is no error to look at.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
