package migration

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

// LocationOrigin is the file and line of one field; Line is 0 if unknown.
type LocationOrigin struct {
	Field string
	File  string
	Line  int
}
