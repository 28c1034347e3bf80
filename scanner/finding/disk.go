package finding

import "strings"

// Disk is where a file on disk lies, however the user named it: what judges a path
// must not depend on the folder that a command ran in.
type Disk struct {
	Named string // with slashes, as the user named it
	Path  string // with slashes, from the top of the repository that the named root lies in, or else from that root
	In    Bounds
	// Blob is the hex name that git has for the content; "" if it was not asked for. BlobLF is
	// that of the content with the line ends that git stores where it is told to (core.autocrlf,
	// gitattributes), if each line on disk ends with CRLF; else "".
	Blob, BlobLF string
}

// Bounds says how far paths from a top or a root name one file alone.
type Bounds uint8

// The bounds of such paths.
const (
	Several    Bounds = iota // there are several tops or roots, whose files may have one path
	Root                     // all files lie below the one root that was named, outside of any repository
	Repository               // all files lie in one repository
)

// FromTop gives the path from the repository's top or, outside of one, from the root
// that was named. It is what severities, rules and lists of paths go by.
func (p *Place) FromTop() string { return p.from(Several) }

// Shared gives the path by which others find the file in the repository: from its
// top, or as the user named it if it lies in none.
func (p *Place) Shared() string { return p.from(Repository) }

// key is the path that names the place in fingerprints: two files never have the same.
func (p *Place) key() string { return p.from(Root) }

// from gives the path from the top or root if files are known to lie in such bounds. What an
// archive has inside follows.
func (p *Place) from(least Bounds) string {
	if p.Disk == nil || p.Disk.In < least {
		return p.Path
	}
	inner, ok := strings.CutPrefix(p.Path, p.Disk.Named)
	if !ok {
		return p.Path
	}
	return p.Disk.Path + inner
}
