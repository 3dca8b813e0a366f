package folder

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

// WithVolume replaces what the system tells of the disk on which the folder lies.
func WithVolume(of func(dir string) migration.Volume) Option {
	return func(t *Target) { t.volume = of }
}

// Volume implements migration.Housed.
func (t *Target) Volume(context.Context) migration.Volume { return t.volume(t.dir) }

func unknownVolume(name string) migration.Volume {
	return migration.Volume{Name: name, Removable: migration.AnswerUnknown, Encrypted: migration.AnswerUnknown}
}

// Kinds of drives, buses and states of BitLocker as Windows numbers them
// (GetDriveType, STORAGE_BUS_TYPE, System.Volume.BitLockerProtection).
const (
	driveRemovable, driveFixed, driveRemote = 2, 3, 4

	bus1394, busUSB, busSD, busMMC = 4, 7, 12, 13

	// Of the states only these two are safe: while it encrypts or decrypts a part
	// is open, and a suspended one has its key beside the data.
	bitLockerOn, bitLockerOff, bitLockerEncrypting, bitLockerDecrypting, bitLockerSuspended, bitLockerLocked = 1, 2, 3, 4, 5, 6
)

// drive is what Windows tells of a drive; a negative number is no answer.
type drive struct {
	name      string
	kind      int // of GetDriveType
	bus       int // STORAGE_BUS_TYPE
	bitLocker int
}

func (d drive) volume() migration.Volume {
	v := unknownVolume(d.name)
	v.Remote = d.kind == driveRemote
	switch {
	case v.Remote:
		return v
	// A disk behind a USB socket says that it is fixed.
	case d.kind == driveRemovable, slices.Contains([]int{bus1394, busUSB, busSD, busMMC}, d.bus):
		v.Removable = migration.AnswerYes
	case d.kind == driveFixed && d.bus >= 0:
		v.Removable = migration.AnswerNo
	}
	switch d.bitLocker {
	case bitLockerOn, bitLockerLocked:
		v.Encrypted = migration.AnswerYes
	case bitLockerOff, bitLockerEncrypting, bitLockerDecrypting, bitLockerSuspended:
		v.Encrypted = migration.AnswerNo
	}
	return v
}

// mounts is what Linux tells: the text of /proc/self/mountinfo and /sys.
type mounts struct {
	info []byte
	sys  fs.FS
}

// remoteTypes are file systems of other computers, sealedTypes encrypt by
// themselves.
var (
	remoteTypes = []string{"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "davfs", "fuse.davfs"}
	sealedTypes = []string{"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs"}
)

// volume is the disk of a path that is absolute and has no links in it.
func (m mounts) volume(dir string) migration.Volume {
	at, kind, source, number := m.mountOf(dir)
	v := unknownVolume(source)
	switch {
	case slices.Contains(remoteTypes, kind):
		v.Remote = true
		return v
	case slices.Contains(sealedTypes, kind):
		v.Encrypted = migration.AnswerYes
		return v
	case at == "":
		return v
	}
	device := m.device("dev/block/" + number)
	// Some file systems have a number of their own and only name their device.
	if name, ok := strings.CutPrefix(source, "/dev/"); device == "" && ok {
		device = m.device("class/block/" + path.Base(name))
	}
	if device == "" {
		return v
	}
	v.Encrypted = migration.AnswerOf(m.encrypted(device, 0))
	v.Removable = migration.AnswerOf(m.removable(device, 0))
	return v
}

// mountOf is the innermost mount that holds dir; a later one covers an earlier.
func (m mounts) mountOf(dir string) (at, kind, source, number string) {
	lines := bufio.NewScanner(bytes.NewReader(m.info))
	for lines.Scan() {
		// id parent major:minor root point options [tags] - type source options
		f := strings.Fields(lines.Text())
		dash := slices.Index(f, "-")
		if dash < 6 || len(f) < dash+3 {
			continue
		}
		point := unescapeMount(f[4])
		if (point == "/" || dir == point || strings.HasPrefix(dir, point+"/")) && len(point) >= len(at) {
			at, kind, source, number = point, f[dash+1], unescapeMount(f[dash+2]), f[2]
		}
	}
	return at, kind, source, number
}

// unescapeMount undoes the octal form of blanks and the like.
func unescapeMount(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// device follows the link of a device to its folder below devices; empty if
// there is none.
func (m mounts) device(link string) string {
	to, err := fs.ReadLink(m.sys, link)
	if err != nil {
		return ""
	}
	return path.Join(path.Dir(link), to)
}

// maxDepth bounds how many devices may stand on each other.
const maxDepth = 16

// encrypted tells whether every way from the device down to a disk leads through
// dm-crypt.
func (m mounts) encrypted(device string, depth int) bool {
	uuid, err := fs.ReadFile(m.sys, device+"/dm/uuid")
	if err == nil && strings.HasPrefix(string(uuid), "CRYPT-") {
		return true
	}
	below := m.below(device)
	if len(below) == 0 || depth > maxDepth {
		return false
	}
	return !slices.ContainsFunc(below, func(d string) bool { return !m.encrypted(d, depth+1) })
}

// removable tells whether any disk below the device can be carried away: it says
// so itself, or it hangs on a USB or FireWire socket, where disks say that they
// are fixed.
func (m mounts) removable(device string, depth int) bool {
	if strings.Contains(device, "/usb") || strings.Contains(device, "/fw") {
		return true
	}
	for _, d := range []string{device, path.Dir(device)} { // of a partition the disk is above it
		if b, err := fs.ReadFile(m.sys, d+"/removable"); err == nil {
			if strings.TrimSpace(string(b)) == "1" {
				return true
			}
			break
		}
	}
	return depth <= maxDepth && slices.ContainsFunc(m.below(device), func(d string) bool { return m.removable(d, depth+1) })
}

// below are the devices on which one stands.
func (m mounts) below(device string) []string {
	entries, err := fs.ReadDir(m.sys, device+"/slaves")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if d := m.device(device + "/slaves/" + e.Name()); d != "" {
			out = append(out, d)
		}
	}
	return out
}

var _ migration.Housed = (*Target)(nil)
