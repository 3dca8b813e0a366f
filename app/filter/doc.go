// Package filter is the filter of the plan board and of the user names: what
// people type, and which cards or rows it leaves. The language of the filter
// knows nothing of fyne or of users; Entry is the widget for it.
package filter
