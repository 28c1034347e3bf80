package finding

// Publish says what becomes public if a repository is pushed as a whole, as
// "git push --mirror" does, or if its host makes it public.
type Publish struct {
	Remote     string // what is compared with; "" if nothing is
	Known      bool   // some ref records what the remote has
	Refs       []PublishedRef
	Kept       []string // names of what is not sent although a history scan starts from it, sorted
	All        Contents // what the refs reach
	New        Contents // the part of it that the remote does not have
	Secrets    Fates
	LFS        []Pointer   // contents that go public, and are not in the repository
	Submodules []Submodule // other repositories that this one points to
	Safe       bool        // everything was read, and no secret becomes public
	Verdict    string      // one sentence
}

// Fates counts findings, without those that are known and accepted.
type Fates struct {
	Public  int // they become public, or are
	Already int // those that the remote has
	Kept    int // they are not sent
}

// PublishedRef is a ref that is sent.
type PublishedRef struct {
	Name     string
	Object   string // hex
	OnRemote bool   // the remote has what it points to
}

// Contents counts objects.
type Contents struct{ Commits, Trees, Blobs, Tags Count }

// Pointer is what the repository has in place of a content that Git LFS keeps.
type Pointer struct {
	Path string // where it came in first; "" if it has no path
	Blob string // hex name of the pointer
	OID  string // SHA-256 of the content, as the pointer says
	Size int64  // of the content, as the pointer says
}

// Submodule is a place where another repository is checked out.
type Submodule struct {
	Path   string
	Commit string // hex
}

// Fate is what becomes of a finding in a publish view. Its zero value says nothing.
type Fate uint8

// The fates.
const (
	FatePublic  Fate = iota + 1 // it becomes public
	FateAlready                 // the remote has it
	FateKept                    // it is not sent
)

// String gives the word that reports have for f, or "".
func (f Fate) String() string {
	switch f {
	case FatePublic:
		return "public"
	case FateAlready:
		return "already"
	case FateKept:
		return "kept"
	}
	return ""
}
