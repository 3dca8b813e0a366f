package assets

import (
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// forms is how a language writes a moment, as layouts of the package time. The
// clock has 24 hours in all of them.
type forms struct{ day, minute, second string }

// momentForms are the numeric dates and the times of the Unicode CLDR 46
// (common/main, calendar gregorian): dateFormat short of Norwegian, Danish,
// Swedish and Dutch, medium of German, whose short one has two digits for the
// year; timeFormat short and medium. English has ISO 8601 instead, because its
// speakers do not agree on whether the day or the month comes first.
var momentForms = map[string]forms{
	"en": {"2006-01-02", "15:04", "15:04:05"},
	"nb": {"02.01.2006", "15:04", "15:04:05"},
	"da": {"02.01.2006", "15.04", "15.04.05"},
	"sv": {"2006-01-02", "15:04", "15:04:05"},
	"de": {"02.01.2006", "15:04", "15:04:05"},
	"nl": {"02-01-2006", "15:04", "15:04:05"},
}

func (c *Catalog) forms() forms {
	if f, ok := momentForms[c.Language()]; ok {
		return f
	}
	return momentForms["en"]
}

// Moment writes day and time to the minute, in the zone that t has.
func (c *Catalog) Moment(t time.Time) string {
	f := c.forms()
	return t.Format(f.day + " " + f.minute)
}

// MomentUTC writes day and time to the second in UTC and says so.
func (c *Catalog) MomentUTC(t time.Time) string {
	f := c.forms()
	return t.UTC().Format(f.day + " " + f.second + " UTC")
}

// Clock writes the time of the day to the minute, in the zone that t has.
func (c *Catalog) Clock(t time.Time) string { return t.Format(c.forms().minute) }

// ClockSeconds writes the time of the day to the second, in the zone that t has.
func (c *Catalog) ClockSeconds(t time.Time) string { return t.Format(c.forms().second) }

// counts are the arguments that say how many. An integer argument of another
// name is a number that stands for something, such as a port, a line or an id,
// and is never grouped.
var counts = map[string]bool{
	"Actual": true, "Added": true, "Carried": true, "Changed": true, "Changes": true, "Count": true,
	"Differ": true, "Done": true, "Expected": true, "Files": true, "Folders": true, "Found": true,
	"Good": true, "Got": true, "Keep": true, "Left": true, "Limit": true, "Listed": true, "Looked": true,
	"Lost": true, "Missing": true, "More": true, "Newer": true, "Now": true, "Objects": true,
	"Offset": true, "Read": true, "Removed": true, "Rows": true, "Seats": true, "Sent": true,
	"Shown": true, "Tables": true, "Total": true, "Unchanged": true, "Used": true, "Users": true,
	"Want": true, "Was": true,
}

// local writes arguments the way the language does: counts with their
// separators, and the moments and sizes that the layers below hand over in one
// form for all languages, which is that of English. The given arguments are not
// changed.
func (c *Catalog) local(args map[string]any) map[string]any {
	var out map[string]any
	for k, v := range args {
		words := ""
		switch v := v.(type) {
		case string:
			if words = c.Local(v); words == v {
				continue
			}
		case int:
			words = c.count(k, int64(v))
		case int32:
			words = c.count(k, int64(v))
		case int64:
			words = c.count(k, v)
		case float64: // a number of a message that was stored as JSON
			if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
				words = c.count(k, int64(v))
			}
		}
		if words == "" {
			continue
		}
		if out == nil {
			out = maps.Clone(args)
		}
		out[k] = words
	}
	if out == nil {
		return args
	}
	return out
}

// count is a number of that many, or empty if it is to stay as it is.
func (c *Catalog) count(name string, n int64) string {
	if !counts[name] || -1000 < n && n < 1000 {
		return ""
	}
	return c.Number(n)
}

// Local writes a moment, a size or a version of SuperOffice that stands in the
// form of English the way the language does; everything else stays as it is.
func (c *Catalog) Local(s string) string {
	if words, ok := c.localVersion(s); ok {
		return words
	}
	if c.Language() == "en" || len(s) < 3 || len(s) > 24 || s[0] < '0' || s[0] > '9' {
		return s
	}
	f := c.forms()
	for _, l := range [...]struct{ from, to string }{
		{"2006-01-02 15:04", f.day + " " + f.minute},
		{"2006-01-02 15:04 UTC", f.day + " " + f.minute + " UTC"},
		{"2006-01-02 15:04:05", f.day + " " + f.second},
		{"2006-01-02 15:04:05 UTC", f.day + " " + f.second + " UTC"},
		{"2006-01-02T15:04:05Z", f.day + " " + f.second + " UTC"},
	} {
		if len(l.from) != len(s) {
			continue
		}
		if t, err := time.Parse(l.from, s); err == nil {
			return t.Format(l.to)
		}
	}
	return c.localSize(s)
}

// localVersion writes what the database tells of its version, such as "8.1 or
// later", with the product behind it if that is known.
func (c *Catalog) localVersion(s string) (string, bool) {
	version, product, _ := strings.Cut(s, " (")
	if product != "" {
		product = " (" + product
	}
	id := "version.older"
	number, ok := strings.CutPrefix(version, "older than ")
	if !ok {
		id = "version.later"
		number, ok = strings.CutSuffix(version, " or later")
	}
	if _, err := strconv.ParseFloat(number, 64); !ok || err != nil {
		return "", false
	}
	return c.Text(id, map[string]any{"Version": number}) + product, true
}

// englishSize is a size as Bytes writes it in English. One that was written in
// another language does not match: 8,4 GB must not become 84 GB.
var englishSize = regexp.MustCompile(`^([0-9]{1,3}(?:,[0-9]{3})*)(\.[0-9])? ([KMGT]?B)$`)

// localSize writes "8.4 GB" the way the language does.
func (c *Catalog) localSize(s string) string {
	m := englishSize.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", "")+m[2], 64)
	if err != nil {
		return s
	}
	if m[2] == "" {
		return c.Number(int64(n)) + " " + m[3]
	}
	return c.decimal(n) + " " + m[3]
}
