package migration_test

import (
	"encoding/json"
	"fmt"
	"os"

	"omt/upload/uploadtest"
)

// loadEnv gives the test binary the role of one process of a load run, so that
// processor time and memory of client and server are told apart.
const loadEnv = "OMT_LOAD"

// loadRole is what such a process is to do.
type loadRole struct {
	Serve bool // be the server; otherwise migrate

	// Of the server.
	Line uploadtest.Line
	Sink bool // documents are read and thrown away, and their names too
	Runs int  // containers to make

	// Of the client.
	Address, State string
	Corpus         string // a folder of documents
	Items          int    // documents made up instead
	Size           int    // of a made up document, in bytes
}

// loadChild is the test binary as server or client of a load run.
func loadChild(spec string) int {
	var role loadRole
	err := json.Unmarshal([]byte(spec), &role)
	if err == nil {
		if role.Serve {
			err = uploadtest.ServeLoad(os.Stdin, os.Stdout, uploadtest.LoadOptions{Line: role.Line, Sink: role.Sink, Runs: role.Runs})
		} else {
			err = migrateLoad(role)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	return 0
}
