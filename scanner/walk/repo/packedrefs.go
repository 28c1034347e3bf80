package repo

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// packed lists the refs of packed-refs that have no loose file, sorted. They are
// not symbolic, and a million of them took twice as much in a refTable.
func (rd *refReader) packed() {
	file := filepath.Join(rd.repo.CommonDir, "packed-refs")
	data, err := readFile(file, maxListFile)
	if err != nil {
		if !missing(err) {
			rd.problem(file, reason(err))
		}
		return
	}
	const shortest = len("0123456789012345678901234567890123456789 refs/x\n")
	rd.refs = make([]Ref, 0, min(bytes.Count(data, []byte("\n")), len(data)/shortest))
	broken, first := parsePackedRefs(data, func(line []byte, id plumbing.Hash) {
		if name := string(line); !rd.isLoose(name) {
			rd.refs = append(rd.refs, Ref{Name: name, Target: id, Kind: kindOf(name)})
		}
	})
	byName := func(a, b Ref) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(rd.refs, byName) {
		slices.SortStableFunc(rd.refs, byName)
	}
	// git lists a name that is there twice with both objects.
	rd.refs = slices.CompactFunc(rd.refs, func(a, b Ref) bool { return a.Name == b.Name && a.Target == b.Target })
	rd.npacked = len(rd.refs)
	if broken > 0 {
		p := brokenLines(file, broken, first)
		rd.problem(p.What, p.Reason)
	}
	for i := range rd.refs[:max(0, rd.npacked-1)] {
		if name := rd.refs[i].Name; name == rd.refs[i+1].Name {
			p := twice(file, name)
			rd.problem(p.What, p.Reason)
			break
		}
	}
}

func twice(file, name string) Problem {
	return Problem{file, fmt.Sprintf("it lists %q more than once, with several objects; \"git pack-refs --all\" writes it anew", name)}
}

func (rd *refReader) isLoose(name string) bool {
	_, ok := rd.shared[name]
	return ok
}

// isPacked looks for a ref among those that packed listed.
func (rd *refReader) isPacked(name string) (refValue, bool) {
	i, ok := slices.BinarySearchFunc(rd.refs[:rd.npacked], name, func(ref Ref, name string) int { return strings.Compare(ref.Name, name) })
	if !ok {
		return refValue{}, false
	}
	return refValue{id: rd.refs[i].Target}, true
}

// parsePackedRefs calls add for every ref. It goes on after a line that it
// cannot read, where git would give up, and counts such lines.
func parsePackedRefs(data []byte, add func(name []byte, id plumbing.Hash)) (broken, first int) {
	for n := 1; len(data) > 0; n++ {
		var line []byte
		var ended bool
		line, data, ended = bytes.Cut(data, []byte("\n"))
		if len(line) > 0 && line[0] == '#' {
			continue
		}
		// What an annotated tag points to follows it as "^name".
		peeled := len(line) > 0 && line[0] == '^'
		if peeled {
			line = line[1:]
		}
		id, rest, ok := parseHash(line)
		switch {
		case ok && ended && peeled && len(rest) == 0:
			continue
		case ok && ended && !peeled && !id.IsZero() && len(rest) > 1 && rest[0] == ' ':
			if name := rest[1:]; isPlainName(name) || isPackedName(string(name)) {
				add(name, id)
				continue
			}
		}
		if broken++; broken == 1 {
			first = n
		}
	}
	return broken, first
}

// isPackedName reports whether git could have written a name into packed-refs. It
// never packs what it would ignore, so any other name is damage.
func isPackedName(name string) bool { return isSafeRefName(name) && validRefName(name) }

// isPlainName tells of most names that isPackedName takes, in a tenth of its time.
func isPlainName(name []byte) bool {
	const (
		low  = 1<<'+' | 1<<'-' | (1<<10-1)<<'0'
		high = 1<<('@'-64) | 1<<('_'-64) | (1<<26-1)<<('A'-64) | (1<<26-1)<<('a'-64)
	)
	if !bytes.HasPrefix(name, []byte("refs/")) {
		return false
	}
	last := byte('/')
	for _, c := range name[len("refs/"):] {
		set := uint64(low)
		if c >= 64 {
			set = high
		}
		parted := last == '/' || last == '.'
		switch {
		case c < 128 && set>>(c&63)&1 != 0 && !(c == 'l' && last == '.'): // it may be ".lock"
		case (c == '/' || c == '.') && !parted:
		default:
			return false
		}
		last = c
	}
	return last != '/' && last != '.'
}

// packedRef finds one ref without reading all.
func packedRef(data []byte, name string) (plumbing.Hash, bool) {
	key := []byte(" " + name + "\n")
	for off := 0; ; {
		i := bytes.Index(data[off:], key)
		if i < 0 {
			return plumbing.ZeroHash, false
		}
		start := bytes.LastIndexByte(data[:off+i], '\n') + 1
		id, rest, ok := parseHash(data[start : off+i])
		if ok && len(rest) == 0 && !id.IsZero() {
			return id, true
		}
		off += i + len(key) - 1
	}
}

// PackedProblems reports whether git finds every ref of packed-refs by its name: it halves
// the file, and goes astray at a line that is no ref or not in its order. Where all are
// listed, it there shows refs as well whose loose files say something else.
func (r *Repo) PackedProblems() []Problem {
	file := filepath.Join(r.CommonDir, "packed-refs")
	var list []Problem
	if err := withFile(file, maxListFile, func(data []byte) { list = packedProblems(file, data) }); err != nil && !missing(err) {
		return []Problem{{file, reason(err)}}
	}
	return list
}

func packedProblems(file string, data []byte) []Problem {
	var last, astray []byte
	broken, first := parsePackedRefs(data, func(name []byte, _ plumbing.Hash) {
		if bytes.Compare(name, last) <= 0 && astray == nil {
			astray = name
		}
		last = name
	})
	if broken > 0 {
		return []Problem{brokenLines(file, broken, first)}
	}
	if astray == nil {
		return nil
	}
	if head, _, _ := bytes.Cut(data, []byte("\n")); bytes.HasPrefix(head, []byte("#")) && bytes.Contains(head, []byte(" sorted ")) {
		return []Problem{{file, fmt.Sprintf("it calls itself sorted, and %q is not in its place, so that git may not find it; \"git pack-refs --all\" writes it anew", astray)}}
	}
	// git sorts it itself, and takes one of those that have the same name.
	met := map[string]plumbing.Hash{}
	var list []Problem
	parsePackedRefs(data, func(name []byte, id plumbing.Hash) {
		if old, ok := met[string(name)]; ok && old != id && list == nil {
			list = []Problem{twice(file, string(name))}
		}
		met[string(name)] = id
	})
	return list
}

func brokenLines(file string, broken, first int) Problem {
	return Problem{file, fmt.Sprintf("%d lines are not refs, the first is line %d", broken, first)}
}
