package pack

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/regular"
)

// maxChain bounds a list of layers in bytes: git keeps some dozen of them.
const maxChain = 1 << 14

// OpenChain opens the layers that git's list at path names, one name of 40 digits a
// line, from the lowest on. open opens one by its name. git may write another list
// meanwhile and take layers away: then all that was opened is given to closed, and
// the list is read once more. The error wraps fs.ErrNotExist if there is no list, or
// an empty one, which git takes for none.
func OpenChain[T any](path string, open func(name string) (T, error), closed func(T)) (layers []T, err error) {
	before := ""
	for range 4 {
		list, err := readChain(path)
		if err != nil {
			return nil, err
		}
		if layers, err = openLayers(list, open, closed); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return layers, err
		}
		if list == before {
			return nil, errors.New("a file that it names is missing; remove it, git makes it anew")
		}
		before = list
	}
	return nil, errors.New("it changed again and again while it was read; scan again")
}

func readChain(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !regular.Is(info.Mode()) || info.Size() > maxChain {
		return "", errors.New("it is no list of files")
	}
	data, err := os.ReadFile(path)
	if err == nil && len(data) == 0 {
		err = fs.ErrNotExist
	}
	return string(data), err
}

func openLayers[T any](list string, open func(name string) (T, error), closed func(T)) (layers []T, err error) {
	for name := range strings.Lines(list) {
		name = strings.TrimSuffix(name, "\n")
		if !plumbing.IsHash(name) {
			err = errors.New("it has a line that names no file; remove it, git makes it anew")
		}
		var l T
		if err == nil {
			l, err = open(name)
		}
		if err != nil {
			for _, l := range layers {
				closed(l)
			}
			return nil, err
		}
		layers = append(layers, l)
	}
	return layers, nil
}
