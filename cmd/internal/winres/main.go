// Command winres writes the resources of a Windows executable as an object
// that the Go linker takes in: icon, manifest and version information. It runs
// on any machine with Go and writes the same bytes for the same input, which
// windres does not promise.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"

	"omt/assets"
)

func main() {
	program := flag.String("program", "omt", "omt or omtctl")
	number := flag.String("version", "0.0.0", "version, up to four numbers with dots")
	out := flag.String("o", "", "object to write, named rsrc_windows_amd64.syso for the Go linker")
	flag.Parse()
	if err := write(*program, *number, *out); err != nil {
		fmt.Fprintf(os.Stderr, "winres: %v\n", err)
		os.Exit(1)
	}
}

// descriptions are what the file's properties and the task manager show.
var descriptions = map[string]string{
	"omt":    "omt: SuperOffice to CRM Online",
	"omtctl": "omt without a window",
}

func write(program, number, out string) (err error) {
	if out == "" {
		return errors.New("write object: no file was named, use -o")
	}
	about, ok := descriptions[program]
	if !ok {
		return fmt.Errorf("write object: there is no program %q", program)
	}
	set, err := resources(program, about, number)
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("make object: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := set.WriteObject(f, winres.ArchAMD64); err != nil {
		return fmt.Errorf("write object: %w", err)
	}
	return nil
}

// english is the language under which Windows looks first for resources.
const english = 0x409

func resources(program, about, number string) (*winres.ResourceSet, error) {
	numbers, err := parse(number)
	if err != nil {
		return nil, err
	}
	icon, err := draw(assets.Icon("app"))
	if err != nil {
		return nil, err
	}
	set := &winres.ResourceSet{}
	// Explorer shows the icon with the lowest name; GLFW_ICON is what the window
	// system library looks for to dress the window.
	for _, id := range []winres.Identifier{winres.ID(1), winres.Name("GLFW_ICON")} {
		if err := set.SetIcon(id, icon); err != nil {
			return nil, fmt.Errorf("add icon: %w", err)
		}
	}
	if err := set.Set(winres.RT_MANIFEST, winres.ID(1), english, manifest(program, numbers)); err != nil {
		return nil, fmt.Errorf("add manifest: %w", err)
	}
	info := version.Info{FileVersion: numbers, ProductVersion: numbers}
	for key, value := range map[string]string{
		version.ProductName: "omt", version.FileDescription: about, version.ProductVersion: number, version.FileVersion: number,
		version.InternalName: program, version.OriginalFilename: program + ".exe", version.LegalCopyright: "MIT licence, see LICENSE",
	} {
		if err := info.Set(english, key, value); err != nil {
			return nil, fmt.Errorf("add version information: %w", err)
		}
	}
	set.SetVersionInfo(info)
	return set, nil
}

// parse reads the numbers of a version; a suffix such as -rc1 is left out,
// because Windows compares numbers only.
func parse(number string) (v [4]uint16, err error) {
	plain, _, _ := strings.Cut(strings.TrimPrefix(number, "v"), "-")
	parts := strings.Split(plain, ".")
	if len(parts) > len(v) {
		return v, fmt.Errorf("read version %q: more than four numbers", number)
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return v, fmt.Errorf("read version %q: %w", number, err)
		}
		v[i] = uint16(n)
	}
	return v, nil
}
