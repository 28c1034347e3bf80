package history

import (
	"bytes"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
)

// author is who made a commit, and when, as its header says. Reports tell it of
// thousands of commits, and to read each of these again took a fortieth of the CPU
// of a history of nats-server. The zero value is one that was not kept.
type author struct {
	who  string // name and address, up to the ">"
	time int64  // seconds
	zone [zoneLen]byte
}

const (
	treeLine   = len("tree ") + 2*hashLen + 1
	parentLine = len("parent ") + 2*hashLen + 1
	zoneLen    = len("+0000")
)

// afterLink moves on, in the header of a commit, from one link to the next. It gives
// -1 unless all links so far are the tree and then parents.
func afterLink(at int, typ plumbing.ObjectType) int {
	switch {
	case at == 0 && typ == plumbing.TreeObject:
		return treeLine
	case at > 0 && typ == plumbing.CommitObject:
		return at + parentLine
	}
	return -1
}

// authors keeps each author of commits once.
type authors struct {
	of   map[string]string
	held int // bytes
}

// A worker keeps so many bytes of authors at most, and none that is longer than any
// person's. Of others commits are read again.
const (
	maxAuthors = 4 << 20
	maxAuthor  = 200
)

// keep gives the author of a commit whose header has its links up to behind.
func (k *authors) keep(data []byte, behind int) author {
	who, time, zone := authorAt(data, behind)
	if who == nil || len(who) > maxAuthor {
		return author{}
	}
	kept, ok := k.of[string(who)]
	if !ok {
		if k.held > maxAuthors {
			return author{}
		}
		if k.of == nil {
			k.of = map[string]string{}
		}
		kept = string(who)
		k.of[kept] = kept
		k.held += len(kept) + nameCost
	}
	return author{kept, time, zone}
}

// authorAt reads the author that a commit names at an offset. who is nil unless the
// line is written as git writes it, so that nothing is lost by taking it apart.
func authorAt(data []byte, at int) (who []byte, time int64, zone [zoneLen]byte) {
	const key = "author "
	if at <= 0 || at > len(data) || !bytes.HasPrefix(data[at:], []byte(key)) {
		return nil, 0, zone
	}
	line, _, _ := bytes.Cut(data[at+len(key):], []byte{'\n'})
	end := bytes.LastIndexByte(line, '>') + 1
	clock := line[end:]
	space := len(clock) - zoneLen - 1
	if end == 0 || space < 2 || clock[0] != ' ' || clock[space] != ' ' {
		return nil, 0, zone
	}
	time, err := strconv.ParseInt(string(clock[1:space]), 10, 64)
	var room [20]byte
	if err != nil || len(strconv.AppendInt(room[:0], time, 10)) != space-1 {
		return nil, 0, zone
	}
	return line[:end:end], time, [zoneLen]byte(clock[space+1:])
}

// info is what a report tells.
func (a *author) info() Info {
	line := strconv.AppendInt(append([]byte(a.who), ' '), a.time, 10)
	return signature(append(append(line, ' '), a.zone[:]...))
}

// Describe returns what the walk kept of a commit. It is false if that is nothing.
func (a *Attribution) Describe(commit plumbing.Hash) (Info, bool) {
	i := a.from.position(commit)
	if i == none || a.from.r.commits[i].author.who == "" {
		return Info{}, false
	}
	return a.from.r.commits[i].author.info(), true
}
