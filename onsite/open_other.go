//go:build !unix

package onsite

import "os"

const openFlags = os.O_RDONLY
