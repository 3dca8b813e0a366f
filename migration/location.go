package migration

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Location is where an installation lies, as the dialog "Locate SuperOffice
// installation" shows it. It holds no password: that is asked for each time or
// comes from the configuration file. It can be written to a file and read again
// (LocationFormat), so that one consultant can prepare it for another.
type Location struct {
	Format         string    `json:"format"`       // LocationFormat
	DatabaseType   string    `json:"databaseType"` // MSSQL; others are refused by name
	Server         string    `json:"server"`       // as a DSN writes it: host, host,port, host\instance
	Database       string    `json:"database"`
	Schema         string    `json:"schema"` // table prefix
	User           string    `json:"user"`   // of the database
	ArchivePaths   [3]string `json:"archivePaths"`
	TemplatePath   string    `json:"templatePath"`
	ServiceBase    string    `json:"serviceBase"`
	AttachmentPath string    `json:"attachmentPath"`
	ServiceTexts   string    `json:"serviceTexts"`
	ServiceTmpl    string    `json:"serviceTemplates"`
	NetServer      string    `json:"netServer"` // address of web client or services
	// HasPassword tells that the configuration holds the database password in
	// the clear, so that it need not be typed.
	HasPassword bool `json:"-"`
	// Found says in which file each value stood, for the person who checks it.
	Found []LocationOrigin `json:"-"`
}

// LocationFormat names the format of an exported location.
const LocationFormat = "omt-location/1"

// LocationOrigin is the file and line of one field; Line is 0 if unknown. Field
// is the field's name in the exported file, or "password".
type LocationOrigin struct {
	Field string
	File  string
	Line  int
}

// maxLocationFile bounds what is read as a location; a real one has 1 KB.
const maxLocationFile = 1 << 20

// Encode writes the location for ReadLocation, without what belongs to this
// computer alone.
func (l Location) Encode() ([]byte, error) {
	l.Format = LocationFormat
	b, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode location: %w", err)
	}
	return append(b, '\n'), nil
}

// ReadLocation reads what Encode wrote and a person may have edited. Unknown
// fields are an error, since they are most often a misspelt known one; so is a
// password, which has no place in a file that is passed on. No error repeats a
// value.
func ReadLocation(r io.Reader) (Location, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxLocationFile+1))
	if err != nil {
		return Location{}, Fail("read location", "", err, Msg("hint.location.syntax"))
	}
	if len(b) > maxLocationFile {
		return Location{}, Fail("read location", "", fmt.Errorf("larger than %d bytes", maxLocationFile), Msg("hint.location.syntax"))
	}
	// The format stands first: a later one may have fields that are unknown here.
	var head struct {
		Format       string `json:"format"`
		ArchivePaths []any  `json:"archivePaths"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return Location{}, locationError(err)
	}
	if head.Format != LocationFormat {
		return Location{}, Fail("read location", "format", errors.New("is not "+LocationFormat), Msg("hint.location.format", "Want", LocationFormat))
	}
	// Go would drop what does not fit, and an archive with it.
	if n := len(Location{}.ArchivePaths); len(head.ArchivePaths) > n {
		return Location{}, Fail("read location", "archivePaths", fmt.Errorf("more than %d", n), Msg("hint.location.field", "Field", "archivePaths"))
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	var l Location
	if err := d.Decode(&l); err != nil {
		return Location{}, locationError(err)
	}
	return l, nil
}

// locationError names the field of a location that cannot be read.
func locationError(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return Fail("read location", kind.Field, errors.New("value is of another kind"), Msg("hint.location.field", "Field", kind.Field))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return Fail("read location", name, errors.New("unknown field"), Msg("hint.location.unknown", "Field", name))
	}
	return Fail("read location", "", errors.New("file is not JSON"), Msg("hint.location.syntax"))
}
