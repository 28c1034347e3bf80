// Package warm keeps what a scan found out until the next one, in one small
// file that is sealed with the state of all that the scan read.
//
// It refuses to know what it keeps, and what a repository is. Its invariants: a
// file whose seal or checksum does not fit is as good as none, whatever bytes
// it holds; a file is only ever replaced as a whole; whatever goes wrong here
// costs time and nothing else.
package warm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	magic    = "keyrake cache 1\n"
	maxFile  = 1 << 27
	maxStale = time.Hour // a temporary file that is older was left by a scan that was killed
)

// Load returns what the file at path keeps for a state. A file that is missing,
// damaged, of another state, or that somebody else may have written, is a miss.
func Load(path string, state Seal) ([]byte, bool) {
	if !state.known || !private(filepath.Dir(path), true) || !private(path, false) {
		return nil, false
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() > maxFile || info.Size() < int64(len(magic)+2*sha256.Size) {
		return nil, false
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, false
	}
	if n, _ := f.Read(make([]byte, 1)); n > 0 {
		return nil, false
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(want[:], sum) {
		return nil, false
	}
	rest, ok := bytes.CutPrefix(body, []byte(magic))
	if !ok {
		return nil, false
	}
	return bytes.CutPrefix(rest, state.sum[:])
}

// Save keeps parts, one after the other, for a state, readable only by the user, in the
// file at path, whose folder it makes. The file changes at once or not at all; of two
// scans that save at one time, the later one stays. What Load would refuse for its size
// is not kept. In a folder of somebody else nothing is made: its owner could not take it
// away.
func Save(path string, state Seal, parts ...io.WriterTo) error {
	dir := filepath.Dir(path)
	if !state.known {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(dir)); err != nil {
		return err
	} else if id, ok := identify(info); !ok || id.owner != os.Geteuid() {
		return os.ErrPermission
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	if !private(dir, true) {
		return os.ErrPermission
	}
	sweep(dir)
	f, err := os.CreateTemp(dir, "tmp-*") // with mode 0600
	if err != nil {
		return err
	}
	sum := sha256.New()
	to := &bounded{io.MultiWriter(f, sum), maxFile - sha256.Size}
	head := bytes.NewReader(append([]byte(magic), state.sum[:]...))
	for _, part := range append([]io.WriterTo{head}, parts...) {
		if err == nil {
			_, err = part.WriteTo(to)
		}
	}
	if err == nil {
		_, err = f.Write(sum.Sum(nil))
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// bounded takes so many bytes, and refuses what is more.
type bounded struct {
	to   io.Writer
	left int
}

var errTooLarge = errors.New("keep what a scan found: it is too large")

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooLarge
	}
	return b.to.Write(p)
}

// sweep takes away what scans that were killed have left.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), "tmp-") && time.Since(info.ModTime()) > maxStale {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// private reports whether path is a real folder or file that only the user can
// write to.
func private(path string, dir bool) bool {
	info, err := os.Lstat(path)
	if err != nil || info.IsDir() != dir || !dir && !info.Mode().IsRegular() || info.Mode().Perm()&0o022 != 0 {
		return false
	}
	id, ok := identify(info)
	return ok && id.owner == os.Geteuid()
}
