// Command train builds the character model of package judge.
//
//	go run ./scanner/judge/train -o scanner/judge/model_table.go "$(go env GOROOT)/src"
//
// It reads every Go file below the given folder and learns which character
// follows which in names and words: identifiers, words of comments and string
// literals without a space, each one once, and every name also in snake, kebab,
// upper and dotted spelling. One name in ten is held out, with all its
// spellings, and measures the error rate that is printed to standard error and
// written into the head of the table.
//
// It refuses to know rules and secrets: it learns from names alone. Its invariant: the same files give the same table, byte for byte.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"go/scanner"
	"go/token"
	"hash/fnv"
	"io/fs"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// symbols is the alphabet of the model. The order is that of symbolOf in
// package judge: a to z, A to Z, 0 to 9, five marks, and one for the rest.
const symbols = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+"

const (
	other = len(symbols)
	start = other + 1 // before the first character
	width = other + 1 // symbols that can follow
)

func main() {
	out := flag.String("o", "model_table.go", "file to write")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: train [-o FILE] FOLDER")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(folder, out string) error {
	names, err := collect(folder)
	if err != nil {
		return err
	}
	var learn, held []string
	for _, n := range names {
		if heldOut(n) {
			held = append(held, n)
		} else {
			learn = append(learn, n)
		}
	}
	table := costs(learn)
	report := measure(&table, held)
	fmt.Fprint(os.Stderr, report)
	src, err := render(&table, len(learn), len(held), report)
	if err != nil {
		return err
	}
	return os.WriteFile(out, src, 0o644)
}

// collect returns every distinct name and word below folder, sorted.
func collect(folder string) ([]string, error) {
	seen := map[string]bool{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.Contains(d.Name(), "table") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		collectFile(seen, src)
		return nil
	})
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, err
}

func collectFile(seen map[string]bool, src []byte) {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", fset.Base(), len(src)), src, func(token.Position, string) {}, scanner.ScanComments)
	for {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return
		case token.IDENT:
			addSpellings(seen, lit)
		case token.COMMENT:
			for _, w := range strings.Fields(lit) {
				w = strings.Trim(w, ".,;:()[]{}\"'`*/!?")
				if isWord(w) {
					addSpellings(seen, w)
				}
			}
		case token.STRING:
			if v, err := strconv.Unquote(lit); err == nil && isPlain(v) {
				seen[v] = true
			}
		}
	}
}

// addSpellings adds a name and, if it has several parts, its other spellings.
func addSpellings(seen map[string]bool, name string) {
	if len(name) < 3 || len(name) > 64 {
		return
	}
	seen[name] = true
	parts := split(name)
	if len(parts) < 2 {
		return
	}
	snake := strings.ToLower(strings.Join(parts, "_"))
	seen[snake] = true
	seen[strings.ToUpper(snake)] = true
	seen[strings.ReplaceAll(snake, "_", "-")] = true
	seen[strings.ReplaceAll(snake, "_", ".")] = true
}

func split(name string) []string {
	var parts []string
	rs := []rune(name)
	from := 0
	for i, r := range rs {
		switch {
		case r == '_':
			if i > from {
				parts = append(parts, string(rs[from:i]))
			}
			from = i + 1
		case i > from && unicode.IsUpper(r) && !unicode.IsUpper(rs[i-1]):
			parts = append(parts, string(rs[from:i]))
			from = i
		}
	}
	if from < len(rs) {
		parts = append(parts, string(rs[from:]))
	}
	return parts
}

func isWord(w string) bool {
	for _, r := range w {
		if !unicode.IsLetter(r) && r != '-' || r > 127 {
			return false
		}
	}
	return len(w) >= 3
}

// isPlain says whether a string literal reads as a name: file names, keys,
// formats. Long runs of hex or digits are data and would teach the model noise.
func isPlain(v string) bool {
	if len(v) < 3 || len(v) > 64 {
		return false
	}
	digits, letters := 0, 0
	for i := range len(v) {
		switch c := v[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		case !strings.ContainsRune("_-./+:", rune(c)):
			return false
		}
	}
	return letters > 2*digits
}

// heldOut keeps all spellings of one name on the same side.
func heldOut(name string) bool {
	h := fnv.New32a()
	for i := range len(name) {
		if c := name[i] | 0x20; c >= 'a' && c <= 'z' {
			h.Write([]byte{c})
		}
	}
	return h.Sum32()%10 == 0
}

func symbol(c byte) int {
	if i := strings.IndexByte(symbols, c); i >= 0 {
		return i
	}
	return other
}

// costs returns -log2 P(next | previous) in sixteenths of a bit.
func costs(names []string) (table [start + 1][width]uint8) {
	var pair [start + 1][width]float64
	var single [width]float64
	total := 0.0
	for _, n := range names {
		prev := start
		for i := range len(n) {
			cur := symbol(n[i])
			pair[prev][cur]++
			single[cur]++
			total++
			prev = cur
		}
	}
	const weight = 20 // pseudo counts drawn from the single-character distribution
	for p := range pair {
		sum := 0.0
		for _, c := range pair[p] {
			sum += c
		}
		for c := range pair[p] {
			back := (single[c] + 1) / (total + float64(width))
			bits := -math.Log2((pair[p][c] + weight*back) / (sum + weight))
			table[p][c] = uint8(min(255, math.Round(bits*16)))
		}
	}
	return table
}

func cost(table *[start + 1][width]uint8, v string) float64 {
	prev, sum := start, 0
	for i := range len(v) {
		cur := symbol(v[i])
		sum += int(table[prev][cur])
		prev = cur
	}
	return float64(sum) / 16
}

// measure prints, for each length, how many held-out names are taken for
// random and how many random strings are taken for names, at log odds of 0.
func measure(table *[start + 1][width]uint8, held []string) string {
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	alphabets := []struct{ name, chars string }{
		{"base62", base62}, {"base64url", base62 + "-_"},
		{"lower+digits", base62[:10] + base62[36:]}, {"lower", base62[36:]},
	}
	r := rand.New(rand.NewSource(1))
	var b strings.Builder
	for _, n := range []int{16, 20, 32, 40} {
		wrong, all := 0, 0
		for _, h := range held {
			if len(h) < n || len(h) > n+7 {
				continue
			}
			all++
			if cost(table, h)/float64(len(h)) > math.Log2(float64(alphabetOf(h))) {
				wrong++
			}
		}
		fmt.Fprintf(&b, "names of %d to %d characters: %d of %d taken for random (%.2f %%)\n",
			n, n+7, wrong, all, 100*float64(wrong)/float64(max(1, all)))
		for _, a := range alphabets {
			missed := 0
			const trials = 20000
			buf := make([]byte, n)
			for range trials {
				for i := range buf {
					buf[i] = a.chars[r.Intn(len(a.chars))]
				}
				if v := string(buf); cost(table, v)/float64(n) <= math.Log2(float64(alphabetOf(v))) {
					missed++
				}
			}
			fmt.Fprintf(&b, "random %s of %d: %d of %d taken for names (%.3f %%)\n",
				a.name, n, missed, trials, 100*float64(missed)/trials)
		}
	}
	return b.String()
}

// alphabetOf mirrors how package judge guesses the alphabet of a value.
func alphabetOf(v string) int {
	var lower, upper, digit, mark bool
	hex := true
	for i := range len(v) {
		switch c := v[i]; {
		case c >= 'a' && c <= 'z':
			lower = true
			hex = hex && c <= 'f'
		case c >= 'A' && c <= 'Z':
			upper = true
			hex = hex && c <= 'F'
		case c >= '0' && c <= '9':
			digit = true
		default:
			mark, hex = true, false
		}
	}
	if hex && digit && lower != upper {
		return 16
	}
	n := 0
	for _, g := range []struct {
		has  bool
		size int
	}{{lower, 26}, {upper, 26}, {digit, 10}, {mark, 2}} {
		if g.has {
			n += g.size
		}
	}
	return max(n, 2)
}

func render(table *[start + 1][width]uint8, learn, held int, report string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated by judge/train; DO NOT EDIT.\n//\n")
	fmt.Fprintf(&b, "// Learned from %d names and words, measured on %d held-out ones:\n//\n", learn, held)
	for line := range strings.Lines(report) {
		b.WriteString("//\t" + line)
	}
	b.WriteString("\npackage judge\n\n")
	b.WriteString("// bigramCost is -log2 P(next | previous) of names and words, in sixteenths\n// of a bit. The last row is for the first character.\n")
	fmt.Fprintf(&b, "var bigramCost = [%d][%d]uint8{\n", start+1, width)
	for _, row := range table {
		b.WriteString("{")
		for i, c := range row {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Itoa(int(c)))
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}
