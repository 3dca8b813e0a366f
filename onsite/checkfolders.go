package onsite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
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
				out = append(out, migration.Folder{Path: p, Kind: kind})
			}
		}
	}
	add("archive", s.ArchivePaths...)
	add("templates", s.TemplatePath)
	add("service", s.Service.BasePath, s.Service.TextPath, s.Service.TemplatePath)
	add("attachments", s.Service.AttachmentPath)
	// Side by side: each share of a server that is gone takes its time to say so.
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() { out[i].Reason = tryFolder(ctx, out[i].Path) })
	}
	wg.Wait()
	service, err := in.serviceFolders(ctx)
	if err != nil {
		return nil, err
	}
	return append(out, service.unreached...), nil
}

// tryFolder says why a folder cannot be read. Being there is not enough: a
// share can be seen by somebody who may not list it.
func tryFolder(ctx context.Context, path string) migration.Message {
	if !filepath.IsAbs(path) {
		return migration.Msg("reason.folder.relative", "Path", path)
	}
	_, err := within(ctx, answerLimit, path, func() (struct{}, error) { return struct{}{}, listFolder(path) })
	switch {
	case err == nil:
		return migration.Message{}
	case errors.Is(err, errNoAnswer):
		return migration.Msg("reason.folder.slow", "Path", path, "Seconds", int(answerLimit.Seconds()))
	}
	return migration.Msg("reason.file.system", "Path", path, "Error", bare(err).Error())
}

// listFolder opens a folder and reads its first entry.
func listFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
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
	return errors.Join(err, f.Close())
}
