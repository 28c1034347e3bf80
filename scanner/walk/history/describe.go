package history

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store"
)

// Info is what a report says about a commit.
type Info struct {
	Author, Email string
	When          time.Time // the author's clock
}

// Describe reads the commit named h.
func Describe(s *store.Reader, h plumbing.Hash) (Info, error) {
	typ, data, err := s.Unproven(h)
	if err != nil {
		return Info{}, err
	}
	if typ != plumbing.CommitObject {
		return Info{}, fmt.Errorf("read commit %s: it is a %s", h, typ)
	}
	return describe(data), nil
}

// describe reads what stands where git puts the author: behind the tree and the
// parents. Of a commit without one nothing is told.
func describe(commit []byte) Info {
	behind := 0
	EachLink(plumbing.CommitObject, commit, func(_ plumbing.Hash, typ plumbing.ObjectType) { behind = afterLink(behind, typ) })
	if behind <= 0 || behind > len(commit) {
		return Info{}
	}
	line, _, _ := bytes.Cut(commit[behind:], []byte{'\n'})
	who, ok := bytes.CutPrefix(line, []byte("author "))
	if !ok {
		return Info{}
	}
	return signature(who)
}

// signature takes "NAME <ADDRESS> SECONDS ZONE" apart, as far as it is that.
func signature(line []byte) (i Info) {
	open, end := bytes.LastIndexByte(line, '<'), bytes.LastIndexByte(line, '>')
	if open < 0 || end < open {
		return i
	}
	i.Author, i.Email = string(bytes.Trim(line[:open], " ")), string(line[open+1:end])
	if end+2 >= len(line) {
		return i
	}
	seconds, zone, _ := bytes.Cut(line[end+2:], []byte{' '})
	if t, err := strconv.ParseInt(string(seconds), 10, 64); err == nil {
		i.When = time.Unix(t, 0).In(location(zone))
	}
	return i
}

// location is the time zone that is written as +0130; UTC if it is not.
func location(zone []byte) *time.Location {
	if len(zone) < zoneLen {
		return time.UTC
	}
	hours, err1 := strconv.ParseInt(string(zone[:3]), 10, 64)
	minutes, err2 := strconv.ParseInt(string(zone[3:zoneLen]), 10, 64)
	if err1 != nil || err2 != nil {
		return time.UTC
	}
	if hours < 0 {
		minutes = -minutes
	}
	return time.FixedZone("", int(hours*60*60+minutes*60))
}
