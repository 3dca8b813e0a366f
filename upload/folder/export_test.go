package folder

// SyncDirOf is what makes a directory durable on this system.
var SyncDirOf = syncDir
