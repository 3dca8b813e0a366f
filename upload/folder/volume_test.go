package folder

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"omt/migration"
)

// machine is a /sys with the disks of a Linux computer: a fixed disk with two
// partitions, one of them sealed and one under a volume group; a sealed and an
// open USB disk, which say that they are fixed; a stick that says it is not; two
// disks of which only one is sealed under one volume.
func machine() fstest.MapFS {
	sys := fstest.MapFS{}
	file := func(name, content string) { sys[name] = &fstest.MapFile{Data: []byte(content)} }
	link := func(name, to string) { sys[name] = &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink} }
	device := func(number, dir, removable string) {
		if removable != "" {
			file(dir+"/removable", removable+"\n")
		}
		file(dir+"/dev", number+"\n")
		link("dev/block/"+number, "../../"+dir)
	}
	const sata, usb = "devices/pci0000:00/0000:00:17.0/ata1/block/", "devices/pci0000:00/0000:00:14.0/usb2/2-1/block/"
	device("8:0", sata+"sda", "0")
	device("8:1", sata+"sda/sda1", "")
	device("8:2", sata+"sda/sda2", "")
	device("8:16", usb+"sdb", "0")
	device("8:17", usb+"sdb/sdb1", "")
	device("8:32", "devices/pci0000:00/0000:00:1a.0/host6/block/sdc", "1")
	stacked := func(number, name, uuid string, below ...string) {
		dir := "devices/virtual/block/" + name
		device(number, dir, "0")
		file(dir+"/dm/uuid", uuid+"\n")
		for _, b := range below {
			link(fmt.Sprintf("%s/slaves/%x", dir, b), "../../../../../"+b)
		}
	}
	stacked("253:0", "dm-0", "CRYPT-LUKS2-0123-luks", sata+"sda/sda2")
	stacked("253:1", "dm-1", "LVM-abc", "devices/virtual/block/dm-0")
	stacked("253:2", "dm-2", "CRYPT-LUKS2-4567-luks", usb+"sdb/sdb1")
	stacked("253:3", "dm-3", "LVM-def", "devices/virtual/block/dm-0", sata+"sda/sda1")
	link("class/block/sdb1", "../../"+usb+"sdb/sdb1")
	return sys
}

const mountinfo = `21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 253:1 / /srv rw,relatime shared:2 - ext4 /dev/mapper/vg-srv rw
23 21 8:17 / /media/a\040disk rw,nosuid shared:3 master:2 - exfat /dev/sdb1 rw
24 21 8:32 / /media/stick rw - vfat /dev/sdc rw
25 21 253:2 / /media/sealed rw - ext4 /dev/mapper/luks rw
26 21 0:50 / /net rw - cifs //server/share rw
27 21 0:51 / /tmp rw - tmpfs tmpfs rw
28 21 0:52 /sub /btrfs rw - btrfs /dev/sdb1 rw
29 21 253:3 / /half rw - ext4 /dev/mapper/vg-half rw
30 21 0:53 / /vault rw - fuse.gocryptfs /home/cipher rw
31 21 99:9 / /strange rw - ext4 /dev/xyz rw
short line
`

func TestVolumesOfLinux(t *testing.T) {
	const y, n, u = migration.AnswerYes, migration.AnswerNo, migration.AnswerUnknown
	for _, c := range []struct {
		dir  string
		want migration.Volume
	}{
		{"/home/target", migration.Volume{Name: "/dev/sda1", Removable: n, Encrypted: n}},
		{"/srv", migration.Volume{Name: "/dev/mapper/vg-srv", Removable: n, Encrypted: y}},
		{"/srv2/target", migration.Volume{Name: "/dev/sda1", Removable: n, Encrypted: n}},
		{"/media/a disk/target", migration.Volume{Name: "/dev/sdb1", Removable: y, Encrypted: n}},
		{"/media/stick/x", migration.Volume{Name: "/dev/sdc", Removable: y, Encrypted: n}},
		{"/media/sealed/x", migration.Volume{Name: "/dev/mapper/luks", Removable: y, Encrypted: y}},
		{"/net/x", migration.Volume{Name: "//server/share", Remote: true, Removable: u, Encrypted: u}},
		{"/tmp/x", migration.Volume{Name: "tmpfs", Removable: u, Encrypted: u}},
		{"/btrfs/x", migration.Volume{Name: "/dev/sdb1", Removable: y, Encrypted: n}},
		{"/half/x", migration.Volume{Name: "/dev/mapper/vg-half", Removable: n, Encrypted: n}},
		{"/vault/x", migration.Volume{Name: "/home/cipher", Removable: u, Encrypted: y}},
		{"/strange/x", migration.Volume{Name: "/dev/xyz", Removable: u, Encrypted: u}},
	} {
		if got := (mounts{info: []byte(mountinfo), sys: machine()}).volume(c.dir); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.dir, got, c.want)
		}
	}
	if got := (mounts{sys: fstest.MapFS{}}).volume("/x"); got.Encrypted != u || got.Removable != u || got.Remote {
		t.Errorf("nothing to read: %+v", got)
	}
}

func TestVolumesOfWindows(t *testing.T) {
	const y, n, u = migration.AnswerYes, migration.AnswerNo, migration.AnswerUnknown
	const sata = 11
	for _, c := range []struct {
		kind, bus, bitLocker int
		remote               bool
		removable, encrypted migration.Answer
	}{
		{driveFixed, sata, bitLockerOn, false, n, y}, {driveFixed, sata, bitLockerLocked, false, n, y}, {driveFixed, sata, bitLockerOff, false, n, n},
		{driveFixed, busUSB, bitLockerOff, false, y, n}, {driveFixed, busUSB, bitLockerOn, false, y, y}, {driveRemovable, busUSB, bitLockerSuspended, false, y, n},
		{driveRemovable, -1, bitLockerEncrypting, false, y, n}, {driveFixed, busSD, bitLockerDecrypting, false, y, n},
		{driveFixed, -1, -1, false, u, u}, {driveFixed, sata, 0, false, n, u}, {driveFixed, sata, 99, false, n, u}, {0, -1, -1, false, u, u},
		{driveRemote, -1, bitLockerOn, true, u, u},
	} {
		got := drive{"E:", c.kind, c.bus, c.bitLocker}.volume()
		if want := (migration.Volume{Name: "E:", Remote: c.remote, Removable: c.removable, Encrypted: c.encrypted}); got != want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

// Whatever this computer is, it is asked without a fault, and answers in the
// words that there are.
func TestVolumeOfThisComputer(t *testing.T) {
	v := volumeOf(t.TempDir())
	t.Logf("%+v", v)
	for _, a := range []migration.Answer{v.Removable, v.Encrypted} {
		if a != migration.AnswerYes && a != migration.AnswerNo && a != migration.AnswerUnknown {
			t.Errorf("%+v", v)
		}
	}
	if v.Name == "" {
		t.Error("the disk has no name")
	}
}
