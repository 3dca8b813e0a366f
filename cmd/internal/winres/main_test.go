package main

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/tc-hib/winres"
)

// TestResources reads back what Windows would find in the executable.
func TestResources(t *testing.T) {
	set, err := resources("omt", descriptions["omt"], "1.2.3-rc1")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []winres.Identifier{winres.ID(1), winres.Name("GLFW_ICON")} {
		icon, err := set.GetIcon(id)
		if err != nil {
			t.Fatalf("icon %v: %v", id, err)
		}
		var ico bytes.Buffer
		if err := icon.SaveICO(&ico); err != nil {
			t.Fatal(err)
		}
		// The header of an icon file: two numbers, then how many images follow.
		if got := int(binary.LittleEndian.Uint16(ico.Bytes()[4:])); got != len(sizes) {
			t.Errorf("icon %v has %d images, want %d", id, got, len(sizes))
		}
	}
	text := set.Get(winres.RT_MANIFEST, winres.ID(1), english)
	m, err := winres.AppManifestFromXML(text)
	if err != nil {
		t.Fatal(err)
	}
	if m.ExecutionLevel != winres.AsInvoker || m.DPIAwareness != winres.DPIPerMonitorV2 || !m.LongPathAware || !m.UseCommonControlsV6 {
		t.Errorf("manifest says %+v", m)
	}
	if m.Compatibility != winres.Win10AndAbove {
		t.Errorf("manifest names Windows %v, want 10 and later", m.Compatibility)
	}
	var page struct {
		Page string `xml:"application>windowsSettings>activeCodePage"`
	}
	if err := xml.Unmarshal(text, &page); err != nil || page.Page != "UTF-8" {
		t.Errorf("code page is %q (%v), want UTF-8", page.Page, err)
	}
}

// TestVersionNumbers: Windows has room for four numbers of 16 bits.
func TestVersionNumbers(t *testing.T) {
	for in, want := range map[string][4]uint16{"1.2.3": {1, 2, 3}, "v0.1": {0, 1}, "10.0.0.65535-beta": {10, 0, 0, 65535}} {
		got, err := parse(in)
		if err != nil || got != want {
			t.Errorf("parse(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "1.x", "1.2.3.4.5", "65536", "-1"} {
		if _, err := parse(in); err == nil || !strings.Contains(err.Error(), "read version") {
			t.Errorf("parse(%q) gave %v, want an error", in, err)
		}
	}
}
