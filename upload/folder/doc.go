// Package folder is the migration target on a directory: a disk that is sent
// by courier, a share, or the target of the demo. It implements
// migration.Target and passes upload/uploadtest.
//
// Here lives everything that touches the directory: complete-or-absent writing,
// assemblies of blocks, the lock file, and the mapping of the system's errors
// to migration's. What the objects mean is not known here; names arrive escaped
// (migration.TargetPath) and are refused when they could leave the directory.
//
// Layout beside the objects (upload/FORMAT.md): session.lock, the lock file,
// and .omt-tmp, where unfinished writes and assemblies lie. Both are no objects:
// they are not listed, read or written as such.
//
// Durability: bytes are synced before a name is given, and the name after. On
// file systems without a journal (FAT, exFAT) and with disks that cache, only
// ejecting the disk properly makes sure of the last of it.
package folder
