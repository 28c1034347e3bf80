// Command scale learns the points of the scale that package judge weighs weak
// secrets on.
//
//	go run ./scanner/judge/train/scale -o scanner/judge/scale_table.go -clean TREES CASES
//
// CASES has a line of JSON for each place that somebody has looked at:
//
//	{"group": "acme/shop", "file": "/data/shop/app.yml", "start": 12, "end": 12, "secret": true}
//
// Its group is the repository. Below TREES are well-kept work trees, one in each
// folder, whose weak secrets count a little as none. What people write in place
// of a secret is made up here, and counts as none too.
//
// The points are those of a logistic regression on the traits that hold, by
// coordinate descent, with a ridge, and with the signs that Trait.Direction
// asks for. A repository counts for 30 places at most, and so does a tree. What
// comes out is measured on repositories that were left out, a tenth of them at a
// time, written to standard error and into the head of the table.
// With -leave 3/10 one such tenth is left out of the table as well, so that a
// scan that uses it can be measured on that tenth.
//
// It refuses to know rules and what the reasons of a verdict say: it sees traits
// that hold or not. Its invariants: the same files give the same table, byte for
// byte; no text of a case is written anywhere.
package main

import (
	"flag"
	"fmt"
	"os"
)

const (
	folds       = 10
	ridge       = 3.0
	mostOfGroup = 30.0  // weight of a repository
	treeShare   = 0.1   // weight of a weak secret in a tree
	mostOfTree  = 300.0 // weak secrets of a tree
	standIns    = 500.0 // weight of all that stands in place of a secret
)

func main() {
	out := flag.String("o", "scale_table.go", "file to write")
	clean := flag.String("clean", "", "folder of well-kept work trees")
	leave := flag.String("leave", "", "leave a part of the repositories out: 3/10 is the fourth tenth")
	flag.Parse()
	if flag.NArg() != 1 || *clean == "" {
		fmt.Fprintln(os.Stderr, "usage: scale [-o FILE] [-leave I/N] -clean TREES CASES")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *clean, *leave, *out); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(labels, clean, leave, out string) error {
	c, err := newCollector()
	if err != nil {
		return err
	}
	if err := c.labelled(labels); err != nil {
		return err
	}
	if err := c.trees(clean); err != nil {
		return err
	}
	c.madeUp()
	balance(c.cases)
	learn, report := c.cases, ""
	if leave != "" {
		var part, of int
		if _, err := fmt.Sscanf(leave, "%d/%d", &part, &of); err != nil || of < 2 || part < 0 || part >= of {
			return fmt.Errorf("-leave %s: want I/N", leave)
		}
		learn, report = without(c.cases, part, of), "Without a part of the repositories.\n"
	} else {
		report = measure(c.cases)
		fmt.Fprint(os.Stderr, report)
	}
	src, err := render(fit(learn), report)
	if err != nil {
		return err
	}
	return os.WriteFile(out, src, 0o644)
}
