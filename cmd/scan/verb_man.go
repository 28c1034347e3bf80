package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func manVerb() subcommand {
	return subcommand{
		name:     "man",
		summary:  "print the manual page",
		synopsis: "man [--output FILE]",
		about: `Prints the manual page, made from the same tables as --help:

  scan man > /usr/local/share/man/man1/scan.1`,
		sections: []section{{"Flags", []option{
			{"output", "o", "FILE", "write the page to FILE"},
		}}},
		run: runMan,
	}
}

func runMan(_ context.Context, p *process, args []string) (exitCode, error) {
	name := ""
	fs := newVerbFlags("man")
	fs.StringVarP(&name, "output", "o", "", "")
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	if fs.NArg() > 0 {
		return 0, &usageError{fmt.Sprintf("man takes no argument, but %q is given", fs.Arg(0)), ""}
	}
	if name == "" {
		_, err := io.WriteString(p.stdout, manual())
		return wrote(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return exitIncomplete, err
	}
	return wrote(os.WriteFile(name, []byte(manual()), 0o644))
}

// manual is the manual page in the man macros of roff.
func manual() string {
	var b strings.Builder
	b.WriteString(".TH SCAN 1\n.SH NAME\nscan \\- find credentials in files and in git repositories\n")
	head, tail := plainSections(usageHead), plainSections(usageTail)
	b.WriteString(".SH SYNOPSIS\n" + verbatim(head["Usage"]))
	b.WriteString(".SH DESCRIPTION\n" + roff(head[""]))
	b.WriteString(".SH OPTIONS\n")
	manOptions(&b, scanSections())
	b.WriteString(".SH FORMATS\n" + verbatim(formatList()))
	b.WriteString(".SH COMMANDS\n")
	for _, s := range subcommands() {
		fmt.Fprintf(&b, ".SS %s\n%s.PP\n%s.PP\n%s", s.name, roff(sentence(s.summary)), verbatim(indent("scan ", s.synopsis)), verbatim(strings.Trim(s.about, "\n")+"\n"))
		manOptions(&b, s.sections)
	}
	for _, title := range []string{"Exit codes", "Environment", "Examples"} {
		b.WriteString(".SH " + strings.ToUpper(title) + "\n" + verbatim(tail[title]))
	}
	return b.String()
}

// manOptions writes each option as a tagged paragraph.
func manOptions(b *strings.Builder, sections []section) {
	for _, s := range sections {
		for _, o := range s.options {
			fmt.Fprintf(b, ".TP\n.B %s\n%s", strings.TrimSpace(roffLine(o.head())), roff(sentence(o.text)))
		}
	}
}

// plainSections splits usage text at its "Title:" lines; what stands before the
// first is under "".
func plainSections(text string) map[string]string {
	parts := map[string]string{}
	title := ""
	for line := range strings.Lines(text) {
		if name, ok := strings.CutSuffix(strings.TrimRight(line, "\n"), ":"); ok && !strings.HasPrefix(line, " ") {
			title = name
			continue
		}
		parts[title] += line
	}
	return parts
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + ".\n"
}

func indent(prefix, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(prefix + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

// verbatim keeps lines as they are.
func verbatim(text string) string { return ".nf\n" + roff(strings.Trim(text, "\n")+"\n") + ".fi\n" }

func roff(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(roffLine(strings.TrimRight(line, "\n")) + "\n")
	}
	return b.String()
}

// roffLine keeps roff from reading a line as anything but text.
func roffLine(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}
