package known

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"keyrake/scanner/walk/ignore"
)

// The bounds of a .scanignore. Each path with a finding is compared with each
// pattern, and the file may come from a hostile repository.
const (
	maxList     = 1 << 20
	maxPatterns = 2000
)

var errNoReason = errors.New("the reason is missing: say why this is accepted")

// Entry is one thing that is accepted: all files that a pattern names, one
// finding by its fingerprint, or what a condition describes.
type Entry struct {
	Pattern     string     // gitignore syntax, from the repository's top; "" for a fingerprint
	Fingerprint string     // 32 hex digits; "" for a pattern
	When        *Condition // instead of both; nil for them
	Reason      string
	Until       time.Time // the last day on which it counts; zero for no end
	From        Origin
}

// List holds entries. It is immutable.
type List struct {
	entries []Entry
	paths   *ignore.Matcher // line i+1 is the pattern of entries[i]
	today   time.Time       // patterns that expired before it are not in paths
	prints  map[string]int
	when    []int // entries with a condition
}

// NewList checks the entries and joins them, for a scan on the given day. A
// later pattern wins over an earlier one, as in a .gitignore.
func NewList(entries []Entry, today time.Time) (*List, error) {
	l := &List{entries: slices.Clone(entries), today: today, prints: map[string]int{}}
	var errs []error
	var text strings.Builder
	patterns := 0
	for i := range l.entries {
		e := &l.entries[i]
		if err := e.Check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.From, err))
		}
		switch {
		case e.expired(today):
		case e.When != nil:
			l.when = append(l.when, i)
		case e.Fingerprint != "":
			if _, twice := l.prints[e.Fingerprint]; !twice {
				l.prints[e.Fingerprint] = i
			}
		default:
			if patterns++; patterns == maxPatterns+1 {
				errs = append(errs, fmt.Errorf("%s: there are more than %d patterns; join some into one for their folder", e.From, maxPatterns))
			}
			text.WriteString(e.Pattern)
		}
		text.WriteByte('\n')
	}
	l.paths = ignore.New(false, []byte(text.String()))
	return l, errors.Join(errs...)
}

// Entries lists the entries in their order.
func (l *List) Entries() []Entry { return slices.Clone(l.entries) }

// Len is the number of entries.
func (l *List) Len() int { return len(l.entries) }

// Check says what is wrong with an entry.
func (e *Entry) Check() error {
	if e.When != nil {
		if e.Reason == "" {
			return errNoReason
		}
		return e.When.Check()
	}
	switch {
	case e.Fingerprint != "" && !isFingerprint(e.Fingerprint):
		return errors.New("a fingerprint has 32 hexadecimal digits, as the JSON report gives it")
	case e.Fingerprint == "" && strings.ContainsAny(e.Pattern, "\n\x00"):
		return errors.New("a pattern is one line of text")
	case e.Fingerprint == "" && !matchesAnything(e.Pattern):
		return fmt.Errorf("the pattern %q can match no path", e.Pattern)
	case e.Reason == "" && !strings.HasPrefix(e.Pattern, "!"):
		return errNoReason
	}
	return nil
}

// matchesAnything says that git would not drop the pattern as one without effect.
func matchesAnything(pattern string) bool {
	if strings.HasPrefix(pattern, "#") {
		return false // a comment in a .gitignore
	}
	none := ignore.New(false)
	return none.Enter("", []byte(pattern+"\n")) != none
}

func isFingerprint(text string) bool {
	return len(text) == 32 && strings.Trim(text, "0123456789abcdef") == ""
}

func (e *Entry) expired(today time.Time) bool { return !e.Until.IsZero() && e.Until.Before(today) }

func (e *Entry) cause() *cause {
	return &cause{by: e.From.String(), sort: e.From.File, reason: e.Reason}
}

// fingerprint gives the entry that names a finding.
func (l *List) fingerprint(print string) *Entry {
	if i, ok := l.prints[print]; ok {
		return &l.entries[i]
	}
	return nil
}

// condition gives the entry whose condition a place fits.
func (l *List) condition(x *candidate) *Entry {
	for _, i := range l.when {
		if l.entries[i].When.fits(x) {
			return &l.entries[i]
		}
	}
	return nil
}

// path gives the entry that accepts a file, a slash path from the top of which the first file
// bytes name the archive that it is in, or all of it. As in git, nothing below a folder that is
// ignored comes back, nor what is in an archive. memo keeps what was decided about folders and
// files, so that each is looked at once in a scan.
func (l *List) path(name string, file int, memo map[string]*Entry) *Entry {
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '/' && i != file {
			continue
		}
		key := name[:min(i+1, len(name))] // a folder's ends in a slash, an archive's in "!"
		e, ok := memo[key]
		if !ok {
			if rule, found := l.paths.Decide(name[:i], i < len(name) && i != file); found && !rule.Negated {
				e = &l.entries[rule.Line-1]
			}
			memo[key] = e
		}
		if e != nil {
			return e
		}
	}
	return nil
}

// ParseIgnore reads a .scanignore: lines of the form
//
//	PATTERN [until YYYY-MM-DD] -- REASON
//	fingerprint:HEX [until YYYY-MM-DD] -- REASON
//
// with the patterns of a .gitignore. Empty lines and those that begin with # are
// comments. A pattern that re-includes ("!…") needs no reason. It reports all
// faults at once, each with file and line.
func ParseIgnore(name string, data []byte) ([]Entry, error) {
	if len(data) > maxList {
		return nil, fmt.Errorf("%s: the file has %d bytes, more than the %d that it may have", name, len(data), maxList)
	}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s: the file is not UTF-8 text", name)
	}
	var list []Entry
	var errs []error
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		e, err := parseEntry(line)
		e.From = Origin{name, number}
		if err == nil {
			err = e.Check()
		}
		if errors.Is(err, errNoReason) {
			err = fmt.Errorf(`%w, behind " -- "`, err)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.From, err))
		}
		list = append(list, e)
	}
	return list, errors.Join(errs...)
}

// parseEntry reads one line. A backslash keeps " -- " and " until " part of the
// pattern, as it keeps anything else.
func parseEntry(line string) (e Entry, err error) {
	what, reason, _ := strings.Cut(line, " -- ")
	if cut, ok := strings.CutSuffix(what, " --"); ok {
		what = cut // nothing after the dashes
	}
	e.Reason = strings.TrimSpace(reason)
	what = trimBlanks(what)
	if at := strings.LastIndex(what, " until "); at >= 0 {
		if e.Until, err = ParseDay(strings.TrimSpace(what[at+len(" until "):])); err != nil {
			return e, err
		}
		what = trimBlanks(what[:at])
	}
	if print, ok := strings.CutPrefix(what, "fingerprint:"); ok {
		e.Fingerprint = print
		return e, nil
	}
	e.Pattern = what
	return e, nil
}

// trimBlanks drops blanks at the end that no backslash protects.
func trimBlanks(s string) string {
	t := strings.TrimRight(s, " \t")
	if strings.HasSuffix(t, `\`) && len(t) < len(s) {
		return s[:len(t)+1]
	}
	return t
}

// ParseDay reads a date of the form YYYY-MM-DD.
func ParseDay(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, fmt.Errorf("%q is not a day: write it as %s", text, "2027-12-31")
	}
	return day, nil
}

// expired tells the entries that no longer count.
func (p *Policy) expired() (notes []string) {
	for _, l := range p.Lists {
		for i := range l.entries {
			if e := &l.entries[i]; e.expired(l.today) {
				what := "fingerprint " + e.Fingerprint
				switch {
				case e.When != nil:
					what = "what it describes"
				case e.Fingerprint == "":
					what = e.Pattern
				}
				notes = append(notes, fmt.Sprintf("%s expired on %s and no longer suppresses %s", e.From, e.Until.Format(time.DateOnly), what))
			}
		}
	}
	return notes
}
