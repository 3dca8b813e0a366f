package app

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
)

func TestARuleIsPreviewedAndTakenBack(t *testing.T) {
	h, v := conflicting(t)
	before := v.sheet.Names()
	v.askRule()
	press(t, h.win, "Apply")
	if got := v.sheet.Row(2).Name; got != "aase.bjoerk@fjordlys.example" || v.sheet.Conflicts() != 0 {
		t.Errorf("Åse is %q, %d conflicts", got, v.sheet.Conflicts())
	}
	v.undo()
	if !maps.Equal(v.sheet.Names(), before) {
		t.Error("the rule was not taken back")
	}
}

// memoryFiles stand for the dialogs and the disk. Both sides fail the test if
// they are used on the goroutine of the window.
type memoryFiles struct {
	h    *fakeHost
	data *bytes.Buffer
	fail error
}

func (m memoryFiles) open(then func(io.ReadCloser, error))            { then(m, nil) }
func (m memoryFiles) save(_ string, then func(io.WriteCloser, error)) { then(m, nil) }

func (m memoryFiles) check() error {
	if goroutine() == m.h.g.ui {
		m.h.t.Error("a file is used on the goroutine of the window")
	}
	return m.fail
}

func (m memoryFiles) Read(b []byte) (int, error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	return m.data.Read(b)
}

func (m memoryFiles) Write(b []byte) (int, error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	return m.data.Write(b)
}

func (m memoryFiles) Close() error { return nil }

func TestNamesThroughAFile(t *testing.T) {
	h, v := conflicting(t)
	data := &bytes.Buffer{}
	v.files = memoryFiles{h: h, data: data}
	v.export()
	if got := data.String(); !strings.Contains(got, "13;AB;Åse Bjørk;ase.bjork\r\n") || v.status.Text != "User names written: 6." {
		t.Errorf("written: %q, %s", got, v.status.Text)
	}
	data.Reset()
	data.WriteString("id;user name\n13;ase@x.no\n12;hugo@x.no\n99;a@x.no\n")
	before := v.sheet.Names()
	v.importFile()
	if !maps.Equal(v.sheet.Names(), before) {
		t.Error("a file was applied before anybody said so")
	}
	press(t, h.win, "Use the 2 valid lines")
	if v.sheet.Row(2).Name != "ase@x.no" || v.sheet.Row(1).Name != "hugo@x.no" {
		t.Errorf("the good lines were not applied: %v", v.sheet.Names())
	}
	v.undo()
	if !maps.Equal(v.sheet.Names(), before) {
		t.Error("the import was not taken back")
	}
	v.left()
	data.WriteString("id;user name\n13;ase@x.no\n")
	v.importFile()
	if h.win.Canvas().Overlays().Top() != nil {
		t.Error("a file that was read too late asks on another page")
	}
	v.entered()
	v.importFile() // read to its end before: empty
	if len(h.errs) != 1 || hint(h.errs[0]).ID != "hint.names.empty" {
		t.Errorf("an empty file: %v", h.errs)
	}
	v.files = memoryFiles{h: h, data: data, fail: errSample}
	v.export()
	v.importFile()
	if len(h.errs) != 3 || !errors.Is(h.errs[1], errSample) || hint(h.errs[1]).ID != "hint.names.write" || hint(h.errs[2]).ID != "hint.names.read" {
		t.Errorf("broken disks: %v", h.errs)
	}
}

func TestCancelGivesTheNamesBack(t *testing.T) {
	h, v := conflicting(t)
	v.back().run()
	if len(h.visits) != 1 {
		t.Fatal("nothing was changed, so Cancel must not ask")
	}
	v.entered()
	v.panel.acceptAll()
	v.back().run()
	press(t, h.win, "Go on editing")
	if len(h.visits) != 1 || v.sheet == nil {
		t.Fatal("went on editing and left")
	}
	v.back().run()
	press(t, h.win, "Discard changes")
	v.left()
	v.entered()
	if v.sheet.Row(2).Name != "ase.bjork" || len(h.visits) != 2 || h.f.draft.Plan.Users[2].UserName != "ase.bjork" {
		t.Errorf("after Cancel: %v", v.sheet.Names())
	}
}
