package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keyrake/bench/packfile"
)

// complete gives a repository in which every tool can finish. That is path, if
// it has all objects that its refs lead to. Else it is a copy below the
// temporary folder, with a stand-in for each that is missing: a short text, or
// an empty folder.
func (b *bench) complete(ctx context.Context, path, name string) (string, error) {
	lost, err := missing(ctx, path)
	if err != nil || len(lost) == 0 {
		return path, err
	}
	fmt.Fprintf(b.log, "bench: %s lacks %d objects: a copy with stand-ins is measured\n", name, len(lost))
	whole := filepath.Join(b.work, name+".git")
	if err := copyTree(path, whole); err != nil {
		return "", fmt.Errorf("copy %s: %w", path, err)
	}
	// Git cannot tell what is a file before every folder can be read.
	first, err := plant(whole, lost, nil)
	if err != nil {
		return "", err
	}
	blobs, err := fileObjects(ctx, whole)
	if err != nil {
		return "", err
	}
	second, err := plant(whole, lost, blobs)
	if err != nil {
		return "", err
	}
	if second != first { // else they are all folders
		err = errors.Join(os.Remove(first+".idx"), os.Remove(first+".pack"))
	}
	if err != nil {
		return "", fmt.Errorf("stand-ins: %w", err)
	}
	if lost, err = missing(ctx, whole); err == nil && len(lost) > 0 {
		err = fmt.Errorf("%s: %d objects are missing even with stand-ins", name, len(lost))
	}
	return whole, err
}

// plant puts a pack with stand-ins into a repository: a text for each of blobs, and
// empty folders for the others. It gives the path of the pack, without its ending.
func plant(repo string, lost []packfile.Name, blobs map[packfile.Name]bool) (string, error) {
	pack, err := packfile.New(filepath.Join(repo, "objects", "pack"))
	if err != nil {
		return "", fmt.Errorf("stand-ins: %w", err)
	}
	for i, n := range lost {
		typ, text := packfile.Tree, []byte(nil)
		if blobs[n] {
			typ, text = packfile.Blob, fmt.Appendf(nil, "stand-in %d\n", i)
		}
		if err := pack.StandIn(n, typ, text); err != nil {
			return "", fmt.Errorf("stand-ins: %w", err)
		}
	}
	if _, err := pack.Close(); err != nil {
		return "", fmt.Errorf("stand-ins: %w", err)
	}
	return pack.Base(), nil
}

// missing lists the objects that refs lead to and that are not there.
func missing(ctx context.Context, repo string) (list []packfile.Name, err error) {
	out, err := gitOutput(ctx, repo, "rev-list", "--objects", "--all", "--missing=print")
	for line := range strings.Lines(out) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "?"); ok {
			n, err := objectName(text)
			if err != nil {
				return nil, err
			}
			list = append(list, n)
		}
	}
	return list, err
}

func objectName(text string) (n packfile.Name, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || copy(n[:], b) != len(n) || len(b) != len(n) {
		return n, fmt.Errorf("%q is no name of an object", text)
	}
	return n, nil
}

// fileObjects gives the objects that commits have as files, missing or not.
func fileObjects(ctx context.Context, repo string) (map[packfile.Name]bool, error) {
	out, err := gitOutput(ctx, repo, "log", "--all", "-m", "--raw", "--no-abbrev", "--no-renames", "--format=")
	if err != nil {
		return nil, err
	}
	files := map[packfile.Name]bool{}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, ":") {
			continue
		}
		for _, field := range strings.Fields(line)[2:4] {
			if n, err := objectName(field); err == nil {
				files[n] = true
			}
		}
	}
	return files, nil
}

// copyTree copies a folder, by links where the file system can. The folder
// itself may be a symbolic link; those inside of it are left out.
func copyTree(from, to string) error {
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(at, 0o777)
		case !d.Type().IsRegular(), os.Link(path, at) == nil:
			return nil
		}
		return copyFile(path, at)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
