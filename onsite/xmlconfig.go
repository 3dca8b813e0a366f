package onsite

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxXMLDepth is far above any .NET configuration.
const maxXMLDepth = 64

// parseConfig reads SuperOffice.config or a web.config: every <add key value>
// becomes an entry whose section is the path of its parents without
// <configuration>, e.g. SuperOffice/Data/Database. A document type is refused,
// so there are no entities other than those of XML itself.
func parseConfig(file string, data []byte) (entries, error) {
	text, err := decodeText(file, data)
	if err != nil {
		return entries{}, err
	}
	d := xml.NewDecoder(strings.NewReader(text))
	// The bytes are UTF-8 by now whatever the declaration says.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	out := entries{file: file}
	var path []string
	root := ""
	for {
		line, _ := d.InputPos()
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if l, _ := d.InputPos(); l > line {
				line = l
			}
			return entries{}, badConfig(file, line, "file is not XML")
		}
		switch t := tok.(type) {
		case xml.Directive:
			return entries{}, badConfig(file, line, "a document type is not allowed")
		case xml.StartElement:
			if len(path) == 0 {
				root = t.Name.Local
			}
			if path = append(path, t.Name.Local); len(path) > maxXMLDepth {
				return entries{}, badConfig(file, line, "elements are nested too deep")
			}
			if t.Name.Local == "add" && len(path) > 2 {
				out.add(path[1:len(path)-1], t.Attr, line)
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
	if !strings.EqualFold(root, "configuration") {
		return entries{}, badConfig(file, 1, "the root element is not configuration")
	}
	return out, nil
}

func (e *entries) add(path []string, attrs []xml.Attr, line int) {
	x := entry{section: strings.Join(path, "/"), line: line}
	for _, a := range attrs {
		switch strings.ToLower(a.Name.Local) {
		case "key":
			x.key = strings.TrimSpace(a.Value)
		case "value":
			x.value = strings.TrimSpace(a.Value)
		}
	}
	if x.key != "" {
		e.list = append(e.list, x)
	}
}

// encrypted guesses whether a DBPassword was written by the installer, which
// encrypts it in a way that is not public: whole cipher blocks of at least 16
// bytes as base64 or hex. A password that only looks so is asked for, which
// does no harm.
func encrypted(password string) bool {
	if b, err := hex.DecodeString(password); err == nil && len(b) >= 16 && len(b)%8 == 0 {
		return true
	}
	b, err := base64.StdEncoding.DecodeString(password)
	return err == nil && len(b) >= 16 && len(b)%8 == 0
}
