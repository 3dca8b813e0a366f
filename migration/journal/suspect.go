package journal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// fail makes every call from now on return err. Damage is also kept beside the
// file: the next Open then reads all before it answers, or it would open what
// this one has found to be damaged.
func (j *Journal) fail(err error) {
	j.failure.CompareAndSwap(nil, &err)
	j.suspect(err)
}

// suspectSuffix is that of the file beside the journal that says that it was found
// damaged while it was in use.
const suspectSuffix = ".suspect"

// suspect keeps a found damage for the next Open. Where that cannot be written,
// the damage is only found once more.
func (j *Journal) suspect(err error) {
	if !errors.Is(err, ErrDamaged) {
		return
	}
	j.marked.Do(func() {
		if f, err := os.OpenFile(j.path+suspectSuffix, os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
			_ = firstError(f.Sync(), f.Close(), syncDir(filepath.Dir(j.path)))
		}
	})
}

// suspected tells whether a damage was found while the journal was last in use.
func suspected(path string) (bool, error) {
	_, err := os.Lstat(path + suspectSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// acquit forgets a damage that is not there: somebody has put a sound file in
// the place of the damaged one.
func acquit(path string) error {
	if err := os.Remove(path + suspectSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
