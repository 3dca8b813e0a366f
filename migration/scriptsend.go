package migration

import (
	"context"
	"fmt"
)

// utf8Mark begins each script: without it the tools that run scripts read
// UTF-8 as the code page of their computer.
const utf8Mark = "\ufeff"

// ScriptRef is a script at the target.
type ScriptRef struct {
	Name   string `json:"name"` // of the object, see Script
	Type   string `json:"type"`
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// sendScripts writes the scripts beside the package. Their numbers are the
// order in which they are to be run.
func (d *database) sendScripts(ctx context.Context) error {
	scripts, sealed := d.cat.Scripts()
	d.info.Modules, d.info.Scripts, d.info.Sealed = len(scripts), nil, sealed
	for i, s := range scripts {
		b := []byte(utf8Mark + s.Text)
		ref := ScriptRef{
			Name: s.Name, Type: s.Type, Size: int64(len(b)), SHA256: sha256Hex(b),
			Path: "database/scripts/" + EscapeElement(fmt.Sprintf("%04d-%s-%s.sql", i+1, s.Type, s.Name)),
		}
		err := d.m.retry(ctx, "write "+ref.Path, func() error {
			if err := d.m.fresh(); err != nil {
				return err
			}
			return putBytes(ctx, d.m.Target, ref.Path, b)
		})
		if err != nil {
			return err
		}
		d.info.Scripts = append(d.info.Scripts, ref)
	}
	return d.keepNote(ctx, notePackage, d.info)
}

// manifestScripts writes a line for each script.
func (m *Migration) manifestScripts(ctx context.Context, w *manifestWriter, info PackageInfo) error {
	for _, s := range info.Scripts {
		err := w.write(ctx, ManifestLine{Kind: kindScript, Key: s.Name + " (" + s.Type + ")", Target: s.Path, Size: s.Size, SHA256: s.SHA256, State: m.databaseState()})
		if err != nil {
			return err
		}
	}
	return nil
}

// kindScript is the kind of a script in the manifest.
const kindScript = "script"
