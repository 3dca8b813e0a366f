//go:build threadcheck

package app

// trustThreads is off in the build that is tried before a change is accepted:
// fyne then looks at every call and logs those from a wrong goroutine.
const trustThreads = false
