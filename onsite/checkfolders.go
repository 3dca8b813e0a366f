package onsite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"omt/migration"
)

// Folders returns all folders that a migration reads, each tried by opening it
// and reading its first entry. Folders that only the database names are among
// them if they cannot be read. Without an archive path there is an error.
func (in *Installation) Folders(ctx context.Context) ([]migration.Folder, error) {
	s := in.settings
	if len(s.ArchivePaths) == 0 {
		return nil, migration.Fail("check archive", "", fmt.Errorf("%w: ArchivePath is missing", ErrConfiguration), migration.Msg("hint.archive.none"))
	}
	var out []migration.Folder
	seen := map[string]bool{}
	add := func(kind string, paths ...string) {
		for _, p := range paths {
			if p != "" && !seen[p] {
				seen[p] = true
				out = append(out, migration.Folder{Path: p, Kind: kind, Reason: tryFolder(p)})
			}
		}
	}
	add("archive", s.ArchivePaths...)
	add("templates", s.TemplatePath)
	add("service", s.Service.BasePath, s.Service.TextPath, s.Service.TemplatePath)
	add("attachments", s.Service.AttachmentPath)
	service, err := in.serviceFolders(ctx)
	if err != nil {
		return nil, err
	}
	return append(out, service.unreached...), nil
}

// tryFolder says why a folder cannot be read. Being there is not enough: a
// share can be seen by somebody who may not list it.
func tryFolder(path string) migration.Message {
	if !filepath.IsAbs(path) {
		return migration.Msg("reason.folder.relative", "Path", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return migration.Msg("reason.file.system", "Path", path, "Error", bare(err).Error())
	}
	info, err := f.Stat()
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err == nil {
		if _, err = f.ReadDir(1); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return migration.Msg("reason.file.system", "Path", path, "Error", bare(err).Error())
	}
	return migration.Message{}
}
