package main

import "golang.org/x/sys/windows"

// tell shows a message of Windows itself, which needs no OpenGL.
func tell(text string) {
	body, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return // a text with a zero byte; standard error has it as well
	}
	title, err := windows.UTF16PtrFromString("omt")
	if err != nil {
		return
	}
	// What was pressed does not matter: there is one button.
	_, _ = windows.MessageBox(0, body, title, windows.MB_OK|windows.MB_ICONERROR|windows.MB_SETFOREGROUND)
}
