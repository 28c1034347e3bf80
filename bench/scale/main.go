// Command scale measures how the cost of a history scan grows with a
// repository. It writes bare repositories that are large in one way each (many
// objects, much content, a deep history, many refs, many findings), scans them
// with several sizes, and draws what it saw.
//
// It refuses to know what a scan finds. Its invariant: a repository of a given
// shape and size is the same one everywhere, and git fsck accepts it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// point is one measurement.
type point struct {
	Shape string  `json:"shape"`
	Size  int     `json:"size"`
	Made  made    `json:"made"`
	CPU   float64 `json:"cpu"`  // user and system, seconds
	Wall  float64 `json:"wall"` // seconds
	Anon  int64   `json:"anon"` // peak of resident bytes that belong to no file
	RSS   int64   `json:"rss"`  // peak of all resident bytes, pages of the pack too
	Exit  int     `json:"exit"`
	Date  string  `json:"date"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	scan := flags.String("scan", "", "the program to measure; none draws what was measured before")
	names := flags.String("shapes", "objects,content,depth,refs,findings", "what grows")
	parts := flags.String("parts", "32,16,8,4", "sizes: the full one divided by these")
	work := flags.String("work", os.TempDir(), "where repositories are written")
	keep := flags.Bool("keep", false, "leave the repositories behind")
	records := flags.String("records", "../docs/scale.json", "all measurements; new ones replace those of the same shape and size")
	page := flags.String("page", "../docs/scale.md", "the page whose table is written anew; its picture is beside it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	all, err := load(*records)
	if err != nil {
		return err
	}
	if *scan != "" {
		for _, s := range shapes() {
			if !slices.Contains(strings.Split(*names, ","), s.name) {
				continue
			}
			for _, part := range strings.Split(*parts, ",") {
				divisor, err := strconv.Atoi(part)
				if err != nil || divisor < 1 {
					return fmt.Errorf("-parts: %q is no number above 0", part)
				}
				p, err := measureShape(ctx, *scan, *work, *keep, s, s.full/divisor)
				if err != nil {
					return err
				}
				fmt.Printf("%s %d: CPU %.1f s, %.0f MB, pack %.0f MB\n", s.name, p.Size, p.CPU, mega(p.Anon), mega(p.Made.Pack))
				all = slices.DeleteFunc(all, func(q point) bool { return q.Shape == p.Shape && q.Size == p.Size })
				all = append(all, p)
				if err := save(*records, all); err != nil {
					return err
				}
			}
		}
	}
	return publish(*page, all)
}

func mega(bytes int64) float64 { return float64(bytes) / 1e6 }

func measureShape(ctx context.Context, scan, work string, keep bool, s shape, size int) (point, error) {
	dir := filepath.Join(work, fmt.Sprintf("scale-%s-%d.git", s.name, size))
	if err := os.RemoveAll(dir); err != nil {
		return point{}, err
	}
	m, err := generate(dir, s, size)
	if err != nil {
		return point{}, err
	}
	if !keep {
		defer os.RemoveAll(dir)
	}
	p := point{Shape: s.name, Size: size, Made: m, Date: time.Now().UTC().Format(time.DateOnly)}
	// Two runs, and the cheaper one counts: what a busy machine adds is no cost of ours.
	for range 2 {
		q := p
		if err := watch(ctx, &q, scan, "--history", "--no-cache", "--format", "jsonl", dir); err != nil {
			return point{}, err
		}
		if want := map[bool]int{true: 1}[s.name == "findings"]; q.Exit != want {
			return point{}, fmt.Errorf("%s exits with %d, not %d", dir, q.Exit, want)
		}
		if p.CPU == 0 || q.CPU < p.CPU {
			q.Anon = max(q.Anon, p.Anon)
			p = q
		}
	}
	return p, nil
}

func load(file string) (all []point, err error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return all, nil
}

func save(file string, all []point) error {
	slices.SortFunc(all, func(a, b point) int {
		if c := strings.Compare(a.Shape, b.Shape); c != 0 {
			return c
		}
		return a.Size - b.Size
	})
	data, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o666)
}
