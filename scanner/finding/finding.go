// Package finding holds the nouns of a result: a Finding with its places, the
// Secret that redacts itself, the coverage of a scan, and the Report that holds
// them all.
//
// It refuses to know how anything was found or is printed. Its invariant: no
// method but Secret.Reveal gives out the bytes of a secret.
package finding

import (
	"cmp"
	"slices"
	"time"

	"keyrake/rules"
)

// Finding is one secret with every place where it occurs, or a file that does
// not belong into git whatever it holds; the Secret of such a one is empty.
type Finding struct {
	Rule        *rules.Rule
	Secret      Secret
	Severity    rules.Severity
	InHead      bool    // some place is in HEAD's tree; history scans only
	Unreachable bool    // no ref reaches any of its places
	Fate        Fate    // in a publish view
	Confidence  float64 // 0 to 1
	Proof       string  // "verified", "mismatch" or ""
	Reasons     []string
	Fingerprint string  // stable name of this finding, 32 hex digits; reveals nothing about a weak secret
	Places      []Place // never empty; Places[0] is where it came in first
	Exposure    *Exposure

	Ties *Ties // nil if it has none
}

// Ties is what belongs to a finding: other values and findings, and what that
// place asks for. Few have any, and a report may hold a million.
type Ties struct {
	Fix    string   // what to do at this very place, before what the rule's remedy says
	Parts  []Part   // what the secret is used with, in a fixed order
	PartOf []string // fingerprints of the findings that it is a part of, if it occurs nowhere without them
	Links  []Link   // other findings that are valid only as long as it is
}

// Tied gives the ties of f.
func (f *Finding) Tied() Ties {
	if f.Ties == nil {
		return Ties{}
	}
	return *f.Ties
}

// Tie adds to the ties of f; a Fix takes the place of the one before. A copy of f
// that was made earlier does not change.
func (f *Finding) Tie(more Ties) {
	t := f.Tied()
	f.Ties = &Ties{cmp.Or(more.Fix, t.Fix), slices.Concat(t.Parts, more.Parts), slices.Concat(t.PartOf, more.PartOf), slices.Concat(t.Links, more.Links)}
}

// Identity is what distinguishes f from every other finding: the secret, or the path of
// a file that is one by itself. It is as secret as the secret.
func (f *Finding) Identity() string {
	if f.Secret.Len() == 0 && len(f.Places) > 0 {
		return "file\x00" + f.Rule.ID + "\x00" + f.Places[0].key()
	}
	return f.Secret.Reveal()
}

// Kind says what sort of thing a place is in.
type Kind uint8

// The kinds of place, in the order of their names, by which reports sort.
const (
	Blob          Kind = iota + 1 // a blob of the history
	CommitMessage                 // a commit object
	File                          // a file on disk
	Staged                        // a blob in the index
	Stream                        // the standard input
	TagMessage                    // an annotated tag object
	TreeNames                     // a tree object: the name of a file or folder
)

// String gives the name that reports have for k.
func (k Kind) String() string {
	names := [...]string{"", "blob", "commit-message", "file", "staged", "stdin", "tag-message", "tree"}
	return names[min(int(k), len(names)-1)]
}

// Place is one occurrence of a secret. Lines and columns are 1-based and count
// bytes; EndLine and EndColumn are those of the secret's last byte.
type Place struct {
	Path               string // with slashes, from the repository's top or, on disk, as the user named it; "" for messages
	Disk               *Disk  // of a file on disk: where it lies, however it was named; nil for anything else
	Object             string // hex name of the blob, commit or tag object; "" for files outside git
	Offset             int    // bytes from the start of the content
	Line, Column       int
	EndLine, EndColumn int
	Wide, EndWide      int32   // by how much Column and EndColumn exceed what they are in UTF-16 code units
	Commit             *Commit // the commit that first brought the object to Path; nil if none is known
	Kind               Kind
	InHead             bool   // the object is at Path in HEAD's tree
	AsStored           bool   // the content is UTF-16, and Line and Column count in its bytes, not in its text
	Inner              int32  // how many bytes at the end of Path name a file in an archive, with the "!" before it; 0 for what is in none
	Around             Secret // the line before and the line it starts on; kept only where a policy asks for it
	Mark               *Mark  // the "scan:allow" beside it; nil if there is none for its rule
}

// File gives the path of the file that the disk or git has: for what is in an archive, that of
// the archive.
func (p *Place) File() string { return p.Path[:len(p.Path)-int(p.Inner)] }

// Inside gives the path in the archive, or "" for what is in none.
func (p *Place) Inside() string {
	if p.Inner == 0 {
		return ""
	}
	return p.Path[len(p.Path)-int(p.Inner)+1:]
}

// Commit names a commit for display.
type Commit struct {
	ID     string // hex
	Author string
	Email  string
	Date   time.Time
}

// Coverage is the ledger of a scan: what there was to read, and what was read.
type Coverage struct {
	Source      string // what was asked for: "history", "range", "staged", "files", "stdin"
	Files       Count  // files on disk, staged blobs, or the stream
	Commits     Count
	Trees       Count
	Blobs       Count
	Tags        Count
	Unreachable int // objects that no ref reaches, searched all the same
	Gaps        []Gap
	Notes       []string // what was left out on purpose, one clear sentence each
	Nothing     string   // why there was nothing to scan; "" if there was something
	Shallow     []string // hex names of the commits at which the clone was cut off, sorted
}

// Count is a number of things with their bytes.
type Count struct {
	Reached int   // what there was to read
	Read    int   // what was read and searched
	Bytes   int64 // content bytes of what was read
}

// Gap is one thing that was not read, or not searched to its end. A scan with
// a gap is incomplete and exits 3.
type Gap struct {
	What   string // the object or path, already free of secrets
	Reason string // one clear sentence: what is wrong and what to do
	Cause  Cause  // "" reads as Unreadable
	Object string // hex name, where the gap is an object
}

// Cause is the sort of thing that keeps something from being read.
type Cause string

// The causes of gaps.
const (
	Missing     Cause = "missing"     // the repository points to it and lacks it
	Promised    Cause = "promised"    // a partial clone has not fetched it
	Damaged     Cause = "damaged"     // an object that cannot be decoded, or is not what its name says
	TooLarge    Cause = "too large"   // it is beyond the size limit
	TimedOut    Cause = "timed out"   // a rule did not end in it
	Shallow     Cause = "shallow"     // the clone was cut off
	Elsewhere   Cause = "elsewhere"   // its content is kept outside of the repository
	Interrupted Cause = "interrupted" // the scan was broken off
	Unreadable  Cause = "unreadable"  // anything else: a file, a ref, an index
)

// Complete says whether everything that was asked for was read.
func (c *Coverage) Complete() bool { return len(c.Gaps) == 0 }

// Report is the whole result of one scan. Findings, their places and the gaps
// are in a fixed order, so that the same input gives the same report at any
// number of workers; Stats alone differs from run to run.
type Report struct {
	Findings   []Finding
	Suppressed []Suppressed // known and accepted; in the order of Findings
	Coverage   Coverage
	Publish    *Publish // nil unless it was asked for
	Named      []Secret // that occur in paths and other names of the report; no findings, and masked
	Stats      Stats
}

// Stats says what a scan cost. It is never part of a JSON report.
type Stats struct {
	Elapsed         time.Duration
	Objects         int
	Known           int // those of Objects that an earlier scan of other objects knew
	BytesDecoded    int64
	BytesSearched   int64
	AnchorsCarried  int64
	VerdictsCarried int64
	Stages          []Stage
}

// Stage is the time that one stage took, wall clock.
type Stage struct {
	Name    string
	Elapsed time.Duration
}
