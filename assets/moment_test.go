package assets_test

import (
	"encoding/json"
	"testing"
	"time"

	"omt/assets"
)

// nbsp separates thousands in Norwegian and Swedish (CLDR).
const nbsp = "\u00a0"

// TestFiguresByLanguage compares with what the Unicode CLDR 46 says for each
// language; English has ISO 8601 dates.
func TestFiguresByLanguage(t *testing.T) {
	at := time.Date(2026, 3, 9, 14, 5, 7, 0, time.UTC)
	for lang, want := range map[string][6]string{
		"en": {"2026-03-09 14:05", "2026-03-09 14:05:07 UTC", "14:05", "14:05:07", "60,000", "8.4 GB"},
		"nb": {"09.03.2026 14:05", "09.03.2026 14:05:07 UTC", "14:05", "14:05:07", "60" + nbsp + "000", "8,4 GB"},
		"da": {"09.03.2026 14.05", "09.03.2026 14.05.07 UTC", "14.05", "14.05.07", "60.000", "8,4 GB"},
		"sv": {"2026-03-09 14:05", "2026-03-09 14:05:07 UTC", "14:05", "14:05:07", "60" + nbsp + "000", "8,4 GB"},
		"de": {"09.03.2026 14:05", "09.03.2026 14:05:07 UTC", "14:05", "14:05:07", "60.000", "8,4 GB"},
		"nl": {"09-03-2026 14:05", "09-03-2026 14:05:07 UTC", "14:05", "14:05:07", "60.000", "8,4 GB"},
	} {
		c := assets.For(lang)
		got := [6]string{c.Moment(at), c.MomentUTC(at), c.Clock(at), c.ClockSeconds(at), c.Number(60000), c.Bytes(84 << 30 / 10)}
		if got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
}

// TestArgumentsByLanguage: counts get their separators, moments and sizes of the
// layers below the form of the language; what only looks like one stays.
func TestArgumentsByLanguage(t *testing.T) {
	c := assets.New("de", map[string]string{"a.b": "{{.Count}} {{.Port}} {{.When}} {{.Since}} {{.Free}} {{.Need}} {{.Name}}"})
	args := map[string]any{
		"Count": 12345, "Port": 14330, "When": "2026-03-09 14:05 UTC", "Since": "2026-03-09T14:05:07Z",
		"Free": "1,023.5 GB", "Need": "1,023 B", "Name": "2026-03-09 and 8.4 GB",
	}
	want := "12.345 14330 09.03.2026 14:05 UTC 09.03.2026 14:05:07 UTC 1.023,5 GB 1.023 B 2026-03-09 and 8.4 GB"
	if got := c.Text("a.b", args); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if args["Count"] != 12345 || args["When"] != "2026-03-09 14:05 UTC" {
		t.Errorf("the arguments were changed: %v", args)
	}
	args["Since"], args["When"] = "yesterday", "2026-13-09 14:05 UTC"
	want = "12.345 14330 2026-13-09 14:05 UTC yesterday 1.023,5 GB 1.023 B 2026-03-09 and 8.4 GB"
	if got := c.Text("a.b", args); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestVersionByLanguage: what the database tells of its version is said in the
// language, with the number and the product as they are.
func TestVersionByLanguage(t *testing.T) {
	c := assets.For("de")
	for version, want := range map[string]string{
		"8.1 or later": "8.1 oder neuer", "8.1 or later (NetServer 10.2.7)": "8.1 oder neuer (NetServer 10.2.7)",
		"older than 7.1": "älter als 7.1", "7.5": "7.5", "8.0 (NetServer 8.0)": "8.0 (NetServer 8.0)",
		"sooner or later": "sooner or later", "older than time": "older than time", "": "",
	} {
		if got := c.Local(version); got != want {
			t.Errorf("%q is %q, want %q", version, got, want)
		}
	}
	if got := assets.For("en").Local("8.1 or later"); got != "8.1 or later" {
		t.Errorf("in English %q", got)
	}
}

// TestArgumentsOfAMessageThatWasStored: what came back from JSON is a float, and
// is written as it was.
func TestArgumentsOfAMessageThatWasStored(t *testing.T) {
	c := assets.New("de", map[string]string{"a.b": "{{.Count}} {{.Port}}"})
	var args map[string]any
	if err := json.Unmarshal([]byte(`{"Count": 1234567, "Port": 1433}`), &args); err != nil {
		t.Fatal(err)
	}
	if got := c.Text("a.b", args); got != "1.234.567 1433" {
		t.Errorf("got %q", got)
	}
}

// TestWhatIsWrittenInTheLanguageStays: the window writes most of its figures
// itself before they become arguments. Read once more as English, 3,0 GB would
// become 30 GB.
func TestWhatIsWrittenInTheLanguageStays(t *testing.T) {
	at := time.Date(2026, 3, 9, 14, 5, 7, 0, time.UTC)
	for _, c := range assets.All() {
		written := []string{c.Moment(at), c.MomentUTC(at), c.Clock(at), c.ClockSeconds(at)}
		for n := int64(1); n < 1<<50; n = n*3 + 7 {
			part, whole := c.BytesOf(n/3, n)
			written = append(written, c.Bytes(n), c.Number(n), part, whole)
		}
		for _, s := range written {
			if got := c.Local(s); got != s {
				t.Errorf("%s: %q became %q", c.Language(), s, got)
			}
		}
		if got, want := c.Local(assets.For("en").Bytes(3<<30)), c.Bytes(3<<30); got != want {
			t.Errorf("%s: %q, want %q", c.Language(), got, want)
		}
	}
}
