package folder_test

import "golang.org/x/sys/windows"

const (
	full     = windows.ERROR_DISK_FULL
	readOnly = windows.ERROR_WRITE_PROTECT
	tooBig   = windows.ERROR_FILE_TOO_LARGE
	tooLong  = windows.ERROR_FILENAME_EXCED_RANGE
)
