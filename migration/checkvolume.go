package migration

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"
)

// Volume is the disk on which a target lies, as far as the system tells.
type Volume struct {
	// Name is for people: a drive letter, a device, the name of a share.
	Name string `json:"name"`
	// Remote: it is a disk of another computer, of which nothing else is known.
	Remote bool `json:"remote"`
	// Removable: it can be carried away without opening the computer.
	Removable Answer `json:"removable"`
	// Encrypted: whoever carries it away cannot read it.
	Encrypted Answer `json:"encrypted"`
}

// Answer is what the system says, if it says anything.
type Answer string

// The answers.
const (
	AnswerYes     Answer = "yes"
	AnswerNo      Answer = "no"
	AnswerUnknown Answer = "unknown"
)

// AnswerOf is yes or no.
func AnswerOf(yes bool) Answer {
	if yes {
		return AnswerYes
	}
	return AnswerNo
}

// Housed is a target that lies on a disk which somebody may carry away.
type Housed interface {
	// Volume never fails: what cannot be found out is unknown.
	Volume(ctx context.Context) Volume
}

// checkVolume warns of a copy of everything that the company knows on a disk
// that anybody can read. The acknowledgement of the warning is the consent.
func checkVolume(ctx context.Context, k *checking, f *finding) error {
	h, ok := k.Target.(Housed)
	if !ok {
		f.say(CheckPassed, "none", "Target", k.Target.Describe())
		return nil
	}
	if folder := k.sourceAt(ctx, k.Target.Describe()); folder != "" {
		f.say(CheckFailed, "inside", "Target", k.Target.Describe(), "Folder", folder)
		f.Todo = Msg("check.volume.apart")
		return nil
	}
	v := h.Volume(ctx)
	f.Volume = &v
	args := []any{"Target", k.Target.Describe(), "Volume", v.Name}
	switch {
	case v.Remote:
		f.say(CheckPassed, "remote", args...)
	case v.Encrypted == AnswerYes:
		f.say(CheckPassed, "passed", args...)
	case v.Encrypted == AnswerNo && v.Removable == AnswerYes:
		f.say(CheckWarning, "removable", args...)
	case v.Encrypted == AnswerNo:
		f.say(CheckWarning, "found", args...)
	case v.Removable == AnswerNo:
		f.say(CheckPassed, "unknown", args...)
	default:
		f.say(CheckWarning, "open", args...)
	}
	return nil
}

// sourceAt is the folder of the installation in which a target lies, or which lies
// in it: what is read only must not be written, and what is sent must not be found
// among what is to be sent. Empty if there is none, as far as the paths tell.
func (k *checking) sourceAt(ctx context.Context, target string) string {
	folders, err := k.Facts.Folders(ctx)
	if err != nil {
		return "" // the check of the folders says so
	}
	for _, d := range folders {
		if below(d.Path, target) || below(target, d.Path) {
			return d.Path
		}
	}
	return ""
}

// below tells whether a path is dir or lies in it.
func below(dir, path string) bool {
	if runtime.GOOS == "windows" {
		dir, path = strings.ToLower(dir), strings.ToLower(path)
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
