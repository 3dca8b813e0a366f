//go:build !threadcheck

package app

// trustThreads tells fyne that widgets are touched on its goroutine only, so
// that it need not look at every call.
const trustThreads = true
