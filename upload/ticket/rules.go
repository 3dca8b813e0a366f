package ticket

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"omt/migration"
)

// The kinds of target that a ticket may name.
const (
	TargetBlob   = "azureblob" // a container of Azure Blob Storage
	TargetFolder = "folder"    // a folder that the migrator chooses
)

// maxText bounds every text of a ticket but the container address, in bytes:
// they are shown in the window and stand in file names.
const maxText = 300

var (
	tenant   = regexp.MustCompile(`^Cust\d{5}$`)
	language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// check applies the rules of the format to a ticket. It does not look at the
// clock. Sign applies the same rules, so that no ticket is issued that the
// program would refuse.
func check(t *migration.Ticket) error {
	for _, c := range []func(*migration.Ticket) error{checkTexts, checkWho, checkPlans, checkModes, checkDates, checkTarget, checkDemo} {
		if err := c(t); err != nil {
			return err
		}
	}
	return nil
}

func invalid(field, what string) error {
	return migration.Fail("check ticket", "", fmt.Errorf("field %s %s", field, what),
		migration.Msg("hint.ticket.field", "Field", field))
}

// checkTexts refuses control characters and over-long texts anywhere: texts of
// a ticket are shown in window, terminal and log. Invisible characters and those
// that turn the direction of writing would let a name look like another one.
func checkTexts(t *migration.Ticket) error {
	return walkTexts(reflect.ValueOf(*t), "", func(at, s string) error {
		if at != "target.container" && len(s) > maxText {
			return invalid(at, fmt.Sprintf("is longer than %d bytes", maxText))
		}
		if strings.ContainsFunc(s, invisible) {
			return invalid(at, "holds a control character")
		}
		return nil
	})
}

func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Bidi_Control)
}

func walkTexts(v reflect.Value, at string, visit func(at, s string) error) error {
	switch v.Kind() {
	case reflect.String:
		return visit(at, v.String())
	case reflect.Slice:
		for i := range v.Len() {
			if err := walkTexts(v.Index(i), fmt.Sprintf("%s[%d]", at, i), visit); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if name == "-" || name == "" {
				continue
			}
			if err := walkTexts(v.Field(i), join(at, name), visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkWho(t *migration.Ticket) error {
	for _, f := range []struct{ name, text string }{
		{"id", t.ID}, {"environment", t.Environment}, {"company", t.Company}, {"serial", t.Serial},
	} {
		if strings.TrimSpace(f.text) == "" {
			return invalid(f.name, "is empty")
		}
	}
	if !tenant.MatchString(t.Tenant) {
		return invalid("tenant", "is not Cust and five digits")
	}
	for i, l := range t.Languages {
		if !language.MatchString(l) {
			return invalid(fmt.Sprintf("languages[%d]", i), "is not a language code")
		}
	}
	if t.TermsURL != "" {
		if u, err := url.Parse(t.TermsURL); err != nil || u.Scheme != "https" || u.Host == "" {
			return invalid("termsUrl", "is not an https address")
		}
	}
	return nil
}

func checkPlans(t *migration.Ticket) error {
	if len(t.Plans) == 0 {
		return invalid("plans", "is empty")
	}
	seen := map[string]bool{}
	for i, p := range t.Plans {
		at := fmt.Sprintf("plans[%d]", i)
		switch {
		case strings.TrimSpace(p.ID) == "":
			return invalid(at+".id", "is empty")
		case seen[p.ID]:
			return invalid(at+".id", "stands twice")
		case strings.TrimSpace(p.Name) == "":
			return invalid(at+".name", "is empty")
		case p.Seats < 0:
			return invalid(at+".seats", "is negative")
		}
		seen[p.ID] = true
	}
	if t.ConfidentialSeats < 0 {
		return invalid("confidentialSeats", "is negative")
	}
	return nil
}

func checkModes(t *migration.Ticket) error {
	if len(t.Modes) == 0 {
		return invalid("modes", "is empty")
	}
	seen := map[migration.Mode]bool{}
	for i, m := range t.Modes {
		if m != migration.ModeTest && m != migration.ModeLive {
			return invalid(fmt.Sprintf("modes[%d]", i), "is neither test nor live")
		}
		if seen[m] {
			return invalid(fmt.Sprintf("modes[%d]", i), "stands twice")
		}
		seen[m] = true
	}
	return nil
}

func checkDates(t *migration.Ticket) error {
	if !t.NotBefore.Before(t.Expires) {
		return invalid("expires", "is not after notBefore")
	}
	return nil
}

func checkTarget(t *migration.Ticket) error {
	switch t.Target.Kind {
	case TargetFolder:
		if t.Target.Container != "" {
			return invalid("target.container", "does not belong to a folder")
		}
		return nil
	case TargetBlob:
		c, err := parseContainer(t.Target.Container)
		if err != nil {
			return invalid("target.container", err.Error())
		}
		if !c.tls && (!c.loopback || t.Key != DemoKeyID) {
			return invalid("target.container", "must be https")
		}
		return nil
	}
	return invalid("target.kind", "is neither "+TargetBlob+" nor "+TargetFolder)
}

// checkDemo keeps the demo key harmless, see DemoKey.
func checkDemo(t *migration.Ticket) error {
	if t.Key != DemoKeyID {
		return nil
	}
	why := ""
	switch {
	case t.Serial != migration.DemoSerial:
		why = "serial is not the sample's"
	case t.Company != migration.DemoCompany:
		why = "company is not the sample's"
	case t.Target.Kind == TargetBlob:
		if c, err := parseContainer(t.Target.Container); err != nil || !c.loopback {
			why = "target is not on this computer"
		}
	}
	if why == "" {
		return nil
	}
	return migration.Fail("check ticket", "", errors.New("demo key: "+why), migration.Msg("hint.ticket.demo"))
}
