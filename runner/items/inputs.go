package items

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"uratori/internal/fault"
)

// linkInputs makes dir anew as a folder of links to the items, for commands
// that take a folder. A link has its input's name, from which a command
// derives the name of what it makes. Where two inputs of several folders have
// the same one, every link is headed by its item's number: then the names
// differ, and are in the order of the items.
func linkInputs(dir string, list []Item) error {
	failed := func(err error) error {
		return fault.New(fault.Failed, "items.unwritable", "path", shown(dir)).Wrap(reasonOf(err))
	}
	if err := os.RemoveAll(dir); err != nil { // follows no links
		return failed(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return failed(err)
	}
	names := map[string]bool{}
	for _, it := range list {
		names[filepath.Base(it.Path)] = true
	}
	numbered := len(names) < len(list)
	width := 0
	for _, it := range list {
		width = max(width, len(strconv.Itoa(it.Index)))
	}
	for _, it := range list {
		name := filepath.Base(it.Path)
		if numbered {
			name = fmt.Sprintf("%0*d-%s", width, it.Index, fitting(name, width+1))
		}
		if err := os.Symlink(it.Path, filepath.Join(dir, name)); err != nil {
			return failed(err)
		}
	}
	return nil
}

// fitting shortens the front of a name so that there is room for so many bytes
// before it; its end has the extension.
func fitting(name string, room int) string {
	const longest = 255
	over := len(name) + room - longest
	if over <= 0 {
		return name
	}
	return strings.ToValidUTF8(name[over:], "")
}
