package onsite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// clientProgram is the Windows client.
const clientProgram = "SOCRM.EXE"

// clientLimit is how long the client may take to write its configuration. An
// old one that does not know the switch would open its window instead.
const clientLimit = 20 * time.Second

// clientConfig asks the Windows client for the configuration that it works
// with: SOCRM.EXE /CONFIGTO=<file> copies SuperOffice.config with all overrides.
// The copy may hold a password, so it lies in a folder of its own that nobody
// else can read, and is removed at once.
func clientConfig(ctx context.Context, c Computer, client string) (e entries, err error) {
	dir, err := os.MkdirTemp("", "omt-config-")
	if err != nil {
		return entries{}, fmt.Errorf("make folder for the configuration of %s: %w", client, err)
	}
	defer func() { err = errors.Join(err, removeFiles(dir)) }()
	file := filepath.Join(dir, "SuperOffice.config")
	ctx, cancel := context.WithTimeout(ctx, clientLimit)
	defer cancel()
	if err := c.Run(ctx, client, "/CONFIGTO="+file); err != nil {
		return entries{}, fmt.Errorf("run %s: %w", client, err)
	}
	data, err := readConfigContext(ctx, file)
	if err != nil {
		return entries{}, err
	}
	// Whoever asks where a value was found is told the program: the file is gone.
	return parseConfig(client, data)
}

// removeFiles removes a folder of files. os.RemoveAll deletes by a call that
// only newer Windows has.
func removeFiles(dir string) error {
	list, err := os.ReadDir(dir)
	for _, e := range list {
		err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
	}
	return errors.Join(err, os.Remove(dir))
}
