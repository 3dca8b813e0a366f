package sample

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// Twin is the file of a missing document where nobody looks for it: an archive
// path, as after somebody has tidied up by hand. Of every ten missing rows, four
// have one.
type Twin struct {
	Document int64  `json:"document"`
	Kind     string `json:"kind"`   // moved, renamed, other-user or other-case
	Path     string `json:"path"`   // below the installation's folder, with slashes
	Target   string `json:"target"` // where the row's file belongs, below the archive path, with slashes
}

// twins writes them. They count as strays: no row points to them.
func (b *fileBuilder) twins() error {
	for i := range b.o.Documents {
		d := b.o.document(b.world, i)
		kind, rel := b.twin(&d)
		if kind == "" {
			continue
		}
		root := archiveFolder
		if d.old {
			root = oldFolder
		}
		if _, err := b.write(root, rel, "twin", int64(i), d.size, d.registered); err != nil {
			return err
		}
		b.expect.Strays.Files++
		b.expect.Strays.Bytes += int64(d.size)
		if len(b.expect.Twins) < maxCaseIDs {
			b.expect.Twins = append(b.expect.Twins, Twin{Document: d.id, Kind: kind, Path: root + "/" + rel, Target: d.folder() + "/" + d.name})
		}
	}
	return nil
}

// twin says where the file of a lost document lies: in another half-year, under
// a name with its number, with a user who has nothing to do with it, or in other
// capitals and another half-year. The half-years are so far off that they are no
// neighbours.
func (b *fileBuilder) twin(d *document) (kind, rel string) {
	if d.kind != caseNotOnDisk {
		return "", ""
	}
	away := d.registered.AddDate(3, 0, 0)
	switch d.index * b.o.Missing / b.o.Documents % 10 {
	case 3:
		return "moved", path.Join(d.owner.name, period(away), d.name)
	case 4:
		return "renamed", path.Join(d.owner.name, period(d.registered), fmt.Sprintf("Kopi av dokument nr. %d%s", d.id, path.Ext(d.name)))
	case 5:
		for _, u := range b.world.employees {
			if u != d.owner && u != d.registrar {
				return "other-user", path.Join(u.name, period(d.registered), d.name)
			}
		}
	case 6:
		return "other-case", path.Join(d.owner.name, period(away.Add(200*24*time.Hour)), strings.ToUpper(d.name))
	}
	return "", ""
}
