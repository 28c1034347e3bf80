//go:build !unix

package pack

import "os"

// MapFile reads the regular file at path, where mapping is not to be had.
func MapFile(path string) (data []byte, unmap func() error, err error) {
	data, err = os.ReadFile(path)
	return data, func() error { return nil }, err
}
