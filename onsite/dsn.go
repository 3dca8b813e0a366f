package onsite

import (
	"context"
	"os"
	"strings"
)

// DSN is an ODBC data source: what the registry holds on Windows and odbc.ini
// elsewhere.
type DSN struct {
	Driver, Server, Database string
	Origin                   Origin
}

// DSNLookup finds data sources by name without regard to case. A name that is
// not known gives false and no error.
type DSNLookup interface {
	LookupDSN(name string) (DSN, bool, error)
}

// ODBCFile is a DSNLookup in a file of unixODBC's form: one section a data
// source with Driver, Server and Database. It stands for the registry of a
// computer whose files were copied.
type ODBCFile string

// LookupDSN reads the file anew at each call.
func (f ODBCFile) LookupDSN(name string) (DSN, bool, error) {
	data, err := readConfig(string(f))
	if err != nil {
		return DSN{}, false, err
	}
	ini, err := parseINI(string(f), data)
	if err != nil {
		return DSN{}, false, err
	}
	return ini.dsn(name)
}

func (e entries) dsn(name string) (DSN, bool, error) {
	server, ok := e.get(name, "Server")
	if !ok {
		return DSN{}, false, nil
	}
	driver, _ := e.get(name, "Driver")
	database, _ := e.get(name, "Database")
	if strings.Contains(strings.ToLower(driver.value), "oracle") {
		return DSN{}, false, checkType(e.file, driver.line, "Oracle")
	}
	d := DSN{Driver: driver.value, Server: server.value, Database: database.value,
		Origin: Origin{File: e.file, Line: server.line}}
	// unixODBC drivers keep the port beside the server; Windows writes host,port.
	if port, ok := e.get(name, "Port"); ok && port.value != "" && !strings.Contains(d.Server, ",") {
		d.Server += "," + port.value
	}
	return d, true, nil
}

// readConfig is readConfigContext where nobody can stop it; it ends within
// answerLimit all the same.
func readConfig(path string) ([]byte, error) { return readConfigContext(context.Background(), path) }

// readConfigContext reads a whole configuration file, if it is of a size that
// one has.
func readConfigContext(ctx context.Context, path string) ([]byte, error) {
	return within(ctx, answerLimit, path, func() ([]byte, error) {
		f, err := openFile(path)
		if err != nil {
			return nil, cannotRead(path, err)
		}
		defer f.Close()
		info, err := f.Stat()
		switch {
		case err != nil:
			return nil, cannotRead(path, err)
		case !info.Mode().IsRegular():
			return nil, badConfig(path, 0, "it is not a file")
		case info.Size() > maxConfigBytes:
			return nil, badConfig(path, 0, "file is too large to be a configuration")
		}
		return readAll(f, path)
	})
}

func openFile(path string) (*os.File, error) { return os.OpenFile(path, openFlags, 0) }
