package migration

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func importSheet() *NameSheet {
	return sheetOf([]User{named(1, "HH", "Herweis Hjart"), named(2, "HUH", "Hugo Hugg"), named(3, "KK", "=1+1"), named(4, "LL", "Ludde Lufs")},
		"hh@x.no", "huh@x.no", "kk@x.no", "ll@x.no")
}

// TestCSVForms reads the same change out of every form in which spreadsheets
// write it.
func TestCSVForms(t *testing.T) {
	for name, text := range map[string]string{
		"as written":       "\ufeffid;initials;full name;user name\r\n2;HUH;Hugo Hugg;new@x.no\r\n",
		"comma":            "id,initials,full name,user name\n2,HUH,\"Hugg, Hugo\",new@x.no\n",
		"tab":              "id\tinitials\tfull name\tuser name\n2\tHUH\tHugo\tnew@x.no\n",
		"other order":      "User Name;ID\nnew@x.no;2\n",
		"no titles":        "2;huh;Hugo Hugg;new@x.no",
		"sep line":         "sep=;\r\nid;initials;full name;user name\r\n2;HUH;Hugo Hugg;new@x.no\r\n",
		"more columns":     "id;initials;full name;user name;remark\n2;HUH;Hugo;new@x.no;moves in May\n;;;;\n",
		"windows-1252":     "id;initials;full name;user name\n2;HUH;Hugo H\xf8gg;new@x.no\n",
		"formula sign":     "id;initials;full name;user name\n2;HUH;'=1;new@x.no\n",
		"spaces and blank": "id ; initials;full name; user name\n\n 2 ; HUH ;x; new@x.no \n",
	} {
		f, err := ReadNames(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		in := importSheet().Import(f)
		if len(in.Faults) > 0 || len(in.Changes) != 1 || in.Changes[0].Row != 1 || in.Changes[0].New != "new@x.no" {
			t.Errorf("%s: %+v", name, in)
		}
		if (in.Note.ID == "names.file.windows") != (name == "windows-1252") {
			t.Errorf("%s: note %v", name, in.Note)
		}
	}
}

// TestFilesThatAreRefused: each for its own reason, in words.
func TestFilesThatAreRefused(t *testing.T) {
	for text, hint := range map[string]string{
		"":                            "hint.names.empty",
		"\xff\xfei\x00d\x00":          "hint.names.utf16",
		"PK\x03\x04\x00\x00":          "hint.names.binary",
		"id;user name\n1;\x81\x8d":    "hint.names.encoding",
		"id;user name\n1;\"open":      "hint.names.quotes",
		"number;address\n1;x@y.no":    "hint.names.titles",
		strings.Repeat("x", 16<<20+1): "hint.names.large",
	} {
		_, err := ReadNames(strings.NewReader(text))
		if !errors.Is(err, ErrNamesFile) || HintOf(err).ID != hint {
			t.Errorf("%.20q: %v with hint %v, want %s", text, err, HintOf(err), hint)
		}
	}
	_, err := ReadNames(io.MultiReader(strings.NewReader("id"), brokenReader{}))
	if !errors.Is(err, io.ErrClosedPipe) || HintOf(err).ID != "hint.names.read" {
		t.Errorf("a broken disk gives %v, hint %v", err, HintOf(err))
	}
	if err := importSheet().WriteCSV(brokenReader{}); !errors.Is(err, io.ErrClosedPipe) || HintOf(err).ID != "hint.names.write" {
		t.Errorf("a full disk gives %v, hint %v", err, HintOf(err))
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error)  { return 0, io.ErrClosedPipe }
func (brokenReader) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestEveryBadLineIsNamed(t *testing.T) {
	text := strings.Join([]string{
		"sep=;", "id;initials;full name;user name", // lines 1 and 2
		"1;HH;;new@x.no",
		"x;HH;;b@x.no",
		"99;ZZ;;c@x.no",
		"1;HH;;d@x.no",
		"2;HH;;e@x.no",
		"2;HUH;;",
		"3;KK;;no address",
		"4",
		"4;LL;;NEW@x.no",
	}, "\n")
	f, err := ReadNames(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	in := importSheet().Import(f)
	var got []string
	for _, m := range in.Faults {
		got = append(got, fmt.Sprintf("%v %s", m.Args["Line"], strings.TrimPrefix(m.ID, "names.line.")))
	}
	want := "4 id, 5 unknown, 6 again, 7 initials, 8 missing, 9 invalid, 10 short, 11 twice"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	if len(in.Changes) != 1 || in.Good != 1 || in.Changes[0].New != "new@x.no" {
		t.Errorf("the good line is not there: %+v", in)
	}
}

// TestANameOfSomebodyOutsideTheFile: two people may change names with each
// other, but nobody may take that of somebody who keeps it.
func TestANameOfSomebodyOutsideTheFile(t *testing.T) {
	f := &NameFile{Lines: []NameLine{{1, "1", "", "huh@x.no"}, {2, "2", "", "hh@x.no"}, {3, "3", "", "LL@x.no"}}}
	in := importSheet().Import(f)
	if len(in.Changes) != 2 || len(in.Faults) != 1 || in.Faults[0].Args["Other"] != "LL" {
		t.Errorf("%+v", in)
	}
}

// TestCSVThereAndBack: whatever names people have, a list that was written
// changes nothing when it is read again, and no cell of it is a formula.
func TestCSVThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var users []User
		var names []string
		odd := rapid.OneOf(rapid.String(), rapid.StringMatching(`[=+\-@'\t;," ]{0,3}[a-z]{0,3}`))
		for i := range rapid.IntRange(1, 6).Draw(t, "users") {
			users = append(users, named(int64(i+1), odd.Draw(t, "initials"), odd.Draw(t, "full")))
			names = append(names, rapid.SampledFrom([]string{"+", "'", "'+", "=", "-", ""}).Draw(t, "start")+fmt.Sprintf("u%d@x.no", i))
		}
		s := sheetOf(users, names...)
		var b bytes.Buffer
		if err := s.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff"))))
		c.Comma = ';'
		lines, err := c.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range slices.Concat(lines...) {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Fatalf("%q is a formula", cell)
			}
		}
		f, err := ReadNames(&b)
		if err != nil {
			t.Fatal(err)
		}
		if in := s.Import(f); len(in.Changes) > 0 || len(in.Faults) > 0 || in.Good != len(users) {
			t.Fatalf("%q came back as %+v", names, in)
		}
	})
}

// FuzzReadNames: no file may end the program, and what is said of a line names
// one that the file has.
func FuzzReadNames(f *testing.F) {
	f.Add([]byte("\ufeffid;initials;full name;user name\r\n2;HUH;Hugo;new@x.no\r\n"))
	f.Add([]byte("sep=,\n1,\"a\nb\",c,d@e.no\n1\n"))
	f.Add([]byte("1;\xf8;;\xe5@x.no"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ReadNames(bytes.NewReader(data))
		if err != nil {
			if HintOf(err).IsZero() {
				t.Fatalf("%v has no hint", err)
			}
			return
		}
		s := importSheet()
		in := s.Import(file)
		lines := bytes.Count(data, []byte("\n")) + 1
		for _, m := range in.Faults {
			if n, ok := m.Args["Line"].(int); !ok || n < 1 || n > lines {
				t.Fatalf("%v is not in a file of %d lines", m, lines)
			}
		}
		s.Apply(Msg("names.step.import"), s.Changed(in.Changes))
		if s.Conflicts() != 0 {
			t.Fatalf("good lines made %d conflicts", s.Conflicts())
		}
	})
}

// benchSheet is a customer with very many users and some conflicts.
func benchSheet(n int) *NameSheet {
	users, names := make([]User, n), make([]string, n)
	for i := range users {
		names[i] = fmt.Sprintf("user%d@fjordlys.example", i-i%50/49)
		users[i] = named(int64(i+1), fmt.Sprintf("U%d", i), fmt.Sprintf("First%d Last%d", i%60, i%41), names[i], "second"+names[i])
	}
	return sheetOf(users, names...)
}

func BenchmarkNameSheet(b *testing.B) {
	for _, n := range []int{2000, 20000} {
		s := benchSheet(n)
		b.Run(fmt.Sprintf("open/%d", n), func(b *testing.B) {
			for b.Loop() {
				benchSheet(n)
			}
		})
		b.Run(fmt.Sprintf("key/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				s.Edit(n/2, fmt.Sprintf("typed%d@fjordlys.example", i))
			}
		})
		b.Run(fmt.Sprintf("groups/%d", n), func(b *testing.B) {
			for b.Loop() {
				s.Groups()
				s.Losses()
			}
		})
		b.Run(fmt.Sprintf("rule/%d", n), func(b *testing.B) {
			for b.Loop() {
				s.Preview(NameRule{Kind: RuleFirstLast, Domain: "fjordlys.example"}, allRows(s))
			}
		})
	}
}
