// Package revision knows what git's words for a part of a history mean: it
// turns revisions into object names, and lists the objects that a range adds,
// as "git rev-list --objects" does.
//
// It refuses to know what is searched for, and never walks a pack: every object
// is read by its name, so the cost follows the range. Its invariant: a range is
// exactly the objects that git lists, or what is missing from it is a gap.
// Unlike git it knows no replace refs and no grafts: objects are as they are
// stored.
package revision

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// Error means that a revision means nothing, or more than one thing.
type Error struct {
	Revision, Reason string
	Cut              bool // it goes on where a shallow clone was cut off, and may well mean something elsewhere
}

func revisionError(revision string, err error) *Error {
	return &Error{revision, err.Error(), errors.Is(err, ErrShallow)}
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("revision %q: %s", e.Revision, e.Reason) }

// Selection says which part of a history is meant: what Include reaches and
// Exclude does not.
type Selection struct {
	Include, Exclude []plumbing.Hash
	Notes            []string // what was left out of it on purpose, one sentence each
	// Named picks names of tree entries, without folders, for Range.Named; nil picks none.
	Named func(name []byte) bool

	tips []tip                  // Include and Exclude in the order in which they were named
	read map[plumbing.Hash]bool // commits that were read when the revisions were; see walkCommits
}

// tip is a commit that a walk starts at.
type tip struct {
	name    plumbing.Hash
	exclude bool
}

// Parser reads revisions of one repository.
type Parser struct {
	Repo    *repo.Repo
	Objects *store.Store

	read map[plumbing.Hash]bool // mutable: commits that were read for the selection at hand
}

const (
	hexLen   = 2 * len(plumbing.ZeroHash)
	maxChain = 10_000 // tags of tags
)

// Add adds what text says to a selection: REV, ^REV, A..B, A...B, REV^!, REV^@
// or REV^-N. exclude turns its meaning round, as --not does. The object name of
// zeros, by which git's hooks say "none", adds nothing.
func (p *Parser) Add(sel *Selection, text string, exclude bool) error {
	p.read = sel.read
	defer func() { sel.read = p.read }()
	if rest, ok := strings.CutPrefix(text, "^"); ok && !isRange(text) {
		return p.Add(sel, rest, !exclude)
	}
	if isRange(text) {
		return p.addRange(sel, text, exclude)
	}
	if rev, kind, n := cutParents(text); kind != 0 {
		return p.addParents(sel, rev, kind, n, exclude)
	}
	return p.add(sel, text, exclude)
}

// isRange reports whether two dots part text into two revisions.
func isRange(text string) bool { return strings.Contains(text, "..") }

func (p *Parser) add(sel *Selection, rev string, exclude bool) error {
	h, err := p.object(rev, false)
	if err != nil {
		return err
	}
	p.put(sel, h, exclude)
	return nil
}

func (p *Parser) put(sel *Selection, h plumbing.Hash, exclude bool) {
	switch {
	case h.IsZero():
	case !exclude:
		sel.Include = append(sel.Include, h)
		sel.tips = append(sel.tips, tip{h, false})
	case !p.Objects.Has(h) && h != history.EmptyTree():
		// What a remote has need not have been fetched. Less is left out then, never more.
		sel.Notes = append(sel.Notes, fmt.Sprintf("%s is not in this repository, so that what it reaches was not left out of the range", h))
	default:
		sel.Exclude = append(sel.Exclude, h)
		sel.tips = append(sel.tips, tip{h, true})
	}
}

// order lists what is included and excluded as it was named. What was put into
// the lists otherwise comes last.
func (sel *Selection) order() []tip {
	named := map[tip]int{}
	for _, t := range sel.tips {
		named[t]++
	}
	var list []tip
	other := func(t tip) {
		if named[t]--; named[t] < 0 {
			list = append(list, t)
		}
	}
	for _, h := range sel.Exclude {
		other(tip{h, true})
	}
	for _, h := range sel.Include {
		other(tip{h, false})
	}
	return slices.Concat(sel.tips, list)
}

// addRange adds A..B or A...B. An empty side is HEAD.
func (p *Parser) addRange(sel *Selection, text string, exclude bool) error {
	from, to, _ := strings.Cut(text, "..")
	to, symmetric := strings.CutPrefix(to, ".")
	if from == "" && to == "" {
		return &Error{Revision: text, Reason: "it names neither end of the range"}
	}
	a, err := p.object(orHead(from), true)
	if err != nil {
		return err
	}
	b, err := p.object(orHead(to), true)
	if err != nil {
		return err
	}
	if symmetric && !a.IsZero() && !b.IsZero() {
		bases, err := p.common(a, b)
		if err != nil {
			return revisionError(text, err)
		}
		for _, h := range bases {
			p.put(sel, h, !exclude)
		}
	}
	p.put(sel, a, exclude != !symmetric)
	p.put(sel, b, exclude)
	return nil
}

func orHead(rev string) string {
	if rev == "" {
		return "HEAD"
	}
	return rev
}

// cutParents parses what names the parents of a commit as a set: kind is '!',
// '@' or '-', and 0 if there is none.
func cutParents(text string) (rev string, kind byte, n int) {
	at := strings.LastIndexByte(text, '^')
	if at <= 0 || at+1 == len(text) {
		return "", 0, 0
	}
	switch rest := text[at+1:]; {
	case rest == "!" || rest == "@":
		return text[:at], rest[0], 0
	case rest == "-":
		return text[:at], '-', 1
	case rest[0] == '-':
		if n, ok := number(rest[1:]); ok && n > 0 {
			return text[:at], '-', n
		}
	}
	return "", 0, 0
}

func (p *Parser) addParents(sel *Selection, rev string, kind byte, n int, exclude bool) error {
	h, err := p.object(rev, false)
	if err != nil {
		return err
	}
	commit, parents, err := p.parents(h)
	if err != nil {
		return revisionError(rev, err)
	}
	if kind == '-' {
		if n > len(parents) {
			return revisionError(rev, p.noParent(commit, n))
		}
		parents = parents[n-1 : n]
	}
	for _, q := range parents {
		p.put(sel, q, exclude != (kind != '@'))
	}
	if kind != '@' {
		p.put(sel, h, exclude)
	}
	return nil
}

// object finds the object that one revision names: a full or abbreviated object
// name, a ref in full or in short, HEAD or @, each with any of the suffixes ^, ^N,
// ~, ~N, ^{TYPE}, ^{} and, for a branch, @{upstream}. With commitish, an abbreviated
// name that several objects have means the only commit among them.
func (p *Parser) object(rev string, commitish bool) (plumbing.Hash, error) {
	h, err := p.resolve(rev, commitish)
	var known *Error
	if err != nil && !errors.As(err, &known) {
		err = revisionError(rev, err)
	}
	return h, err
}

func (p *Parser) resolve(rev string, commitish bool) (plumbing.Hash, error) {
	// A suffix of digits after ^ or ~ is cut off first, as git does.
	stem := strings.TrimRight(rev, "0123456789")
	if op := strings.TrimRight(stem, "^~"); stem != "" && op != stem {
		n := 1
		if digits := rev[len(stem):]; digits != "" {
			var ok bool
			if n, ok = number(digits); !ok {
				return plumbing.ZeroHash, errors.New("its number is too large")
			}
		}
		from, err := p.resolve(stem[:len(stem)-1], true)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		if stem[len(stem)-1] == '^' {
			return p.parent(from, n)
		}
		return p.ancestor(from, n)
	}
	if at := strings.LastIndex(rev, "^{"); at >= 0 && strings.HasSuffix(rev, "}") {
		kind := rev[at+2 : len(rev)-1]
		h, err := p.resolve(rev[:at], commitish || kind == "commit")
		if err != nil {
			return plumbing.ZeroHash, err
		}
		return p.peelTo(h, kind)
	}
	return p.basic(rev, commitish)
}

// number reads a number that git would take.
func number(digits string) (n int, ok bool) {
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		if n = n*10 + int(digits[i]-'0'); n > math.MaxInt32 {
			return 0, false
		}
	}
	return n, digits != ""
}

// basic resolves a revision without suffixes.
func (p *Parser) basic(rev string, commitish bool) (plumbing.Hash, error) {
	if len(rev) == hexLen && plumbing.IsHash(rev) {
		return plumbing.NewHash(rev), nil
	}
	name := rev
	if at := strings.Index(rev, "@{"); at >= 0 {
		var err error
		if name, err = p.upstream(rev[:at], rev[at:]); err != nil {
			return plumbing.ZeroHash, err
		}
	} else if rev == "@" {
		name = "HEAD"
	}
	h, _, ok, err := p.Repo.Named(name)
	if ok || err != nil {
		return h, err
	}
	if name != rev && rev != "@" {
		return plumbing.ZeroHash, fmt.Errorf("its upstream %s does not exist; run \"git fetch\"", name)
	}
	if isHex(rev) && len(rev) >= store.MinAbbreviation && len(rev) < hexLen {
		return p.abbreviated(rev, commitish)
	}
	return plumbing.ZeroHash, errors.New(unknown(rev))
}

// unknown says why a name means nothing.
func unknown(rev string) string {
	switch {
	case rev == "HEAD" || rev == "@":
		return "HEAD has no commit yet"
	case strings.ContainsAny(rev, ":{"):
		return "this form is not understood; name a commit, a branch or a tag"
	}
	return "no ref and no object of the repository has this name; if a remote has it, run \"git fetch\""
}

// upstream resolves BRANCH@{upstream} to the name of a ref.
func (p *Parser) upstream(branch, suffix string) (string, error) {
	switch strings.ToLower(suffix) {
	case "@{u}", "@{upstream}":
	default:
		return "", errors.New("of the forms with @{} only @{upstream} is understood; name a commit")
	}
	full := "refs/heads/" + branch
	if branch == "" || branch == "HEAD" || branch == "@" {
		_, name, _, err := p.Repo.Head()
		if err != nil {
			return "", err
		}
		if full = name; full == "" {
			return "", errors.New("HEAD is detached, so it has no upstream")
		}
	}
	return p.Repo.Upstream(full)
}

func isHex(text string) bool {
	return strings.Trim(text, "0123456789abcdefABCDEF") == ""
}

// abbreviated finds the one object whose name begins with these digits.
func (p *Parser) abbreviated(digits string, commitish bool) (plumbing.Hash, error) {
	list, err := p.Objects.Abbreviated(digits)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	if len(list) > 1 && commitish {
		if some := p.commits(list); len(some) > 0 {
			list = some
		}
	}
	switch len(list) {
	case 0:
		return plumbing.ZeroHash, errors.New(unknown(digits))
	case 1:
		return list[0], nil
	}
	var names []string
	for _, h := range list[:min(len(list), 5)] {
		typ, _, err := p.Objects.Get(h)
		if err != nil {
			names = append(names, h.String())
			continue
		}
		names = append(names, typ.String()+" "+h.String())
	}
	return plumbing.ZeroHash, fmt.Errorf("it is ambiguous, %d objects have names that begin so: %s; give more digits", len(list), strings.Join(names, ", "))
}

// commits lists those of the objects that are commits, or tags of them.
func (p *Parser) commits(list []plumbing.Hash) (some []plumbing.Hash) {
	for _, h := range list {
		if _, err := p.peelTo(h, "commit"); err == nil {
			some = append(some, h)
		}
	}
	return some
}
