package migration_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/azure"
	"omt/upload/bacpac"
)

// migrateLoad runs the engine with its journal once, as the program would.
func migrateLoad(role loadRole) (err error) {
	ctx := context.Background()
	j, err := journal.Open(ctx, role.State, testKey, journal.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	target, err := azure.Open(role.Address, azure.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	src := &loadSource{fakeSource: newFakeSource(1, 10, 0), role: role, content: bytes.Repeat([]byte("brief "), role.Size/6+1)[:role.Size]}
	plan := worldPlan(src.fakeSource)
	if begin, _, err := migration.Detect(ctx, j); err == nil && begin != migration.BeginInitial {
		plan = nil
	}
	m := &migration.Migration{
		Ticket: worldTicket(), Source: src, Target: target, Packager: bacpac.New(), Journal: j, Mode: migration.ModeTest, Plan: plan,
		Principal: migration.Principal{AssociateID: 1, UserName: "ADM", FullName: "Hanna Berg", Proved: true, Via: "rest"},
		Tool:      "omt load", Host: "here", Now: time.Now, Progress: migration.NewProgress(time.Now), Log: noLog{}, Wait: realWait,
		Limits: migration.DefaultLimits(), Checks: passed(),
	}
	_, err = m.Run(ctx)
	return err
}

// loadSource has documents in a folder, or any number of made up ones.
type loadSource struct {
	*fakeSource
	role    loadRole
	content []byte
}

func (s *loadSource) Items(ctx context.Context, kind migration.ItemKind, yield func(migration.Item) error) error {
	if kind != migration.KindDocument {
		return nil
	}
	return s.from(ctx, 0, yield)
}

// from yields the documents after a row.
func (s *loadSource) from(_ context.Context, after int, yield func(migration.Item) error) error {
	const kind = migration.KindDocument
	for i := after; i < s.role.Items; i++ {
		it := migration.Item{
			Kind: kind, Key: fmt.Sprint(i + 1), Row: int64(i + 1), Owner: "ADM", Source: fmt.Sprintf("mem/%d", i+1),
			Size: int64(s.role.Size), Modified: time.Unix(1, 0), Elements: []string{"documents", "ADM", "2020.1", fmt.Sprintf("brief %07d.docx", i+1)},
		}
		if err := yield(it); err != nil {
			return err
		}
	}
	if s.role.Corpus == "" {
		return nil
	}
	row := int64(0)
	return filepath.WalkDir(s.role.Corpus, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.role.Corpus, path)
		if err != nil {
			return err
		}
		if row++; row <= int64(after) {
			return nil
		}
		return yield(migration.Item{
			Kind: kind, Key: fmt.Sprint(row), Row: row, Owner: "ADM", Source: path, Size: info.Size(), Modified: info.ModTime(),
			Elements: strings.Split(filepath.ToSlash(rel), "/"),
		})
	})
}

func (s *loadSource) Tail(ctx context.Context, after int64, yield func(migration.Item) error) error {
	return s.from(ctx, int(after), yield)
}

func (s *loadSource) Open(_ context.Context, it migration.Item) (migration.File, error) {
	if s.role.Corpus == "" {
		return &fakeFile{bytes.NewReader(s.content), time.Unix(1, 0)}, nil
	}
	return os.Open(it.Source)
}

func (s *loadSource) Strays(context.Context) (migration.Strays, error) {
	return migration.Strays{}, nil
}
