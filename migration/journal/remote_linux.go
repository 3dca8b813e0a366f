//go:build linux

package journal

import "golang.org/x/sys/unix"

// refuseRemote recognises the network file systems by statfs(2).
func refuseRemote(dir string) error {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return err
	}
	switch uint32(s.Type) {
	case unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return ErrRemote
	}
	return nil
}
