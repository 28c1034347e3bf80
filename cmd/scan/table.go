package main

import (
	"strings"
	"unicode/utf8"
)

// option describes one flag for whoever reads about it: the usage text, the
// manual page and the shell completions are all made from such a table. A test
// holds that the table of a command names exactly the flags that it defines.
type option struct {
	name  string // without dashes
	short string // one letter, or ""
	value string // what stands for the value, in capitals; "" if the flag takes none
	text  string // what the flag does, in one or two plain sentences without a full stop
}

// section is a group of options under a title that names a task.
type section struct {
	title   string
	options []option
}

// The layout of usage texts.
const (
	usageWidth  = 80
	usageColumn = 30 // where the texts of options start
)

// renderSections writes sections as a usage text has them.
func renderSections(sections []section) string {
	var b strings.Builder
	for i, s := range sections {
		if i > 0 {
			b.WriteByte('\n')
		}
		if s.title != "" {
			b.WriteString(s.title + ":\n")
		}
		for _, o := range s.options {
			b.WriteString(renderEntry(o.head(), o.text))
		}
	}
	return b.String()
}

// head gives the flag as it is typed: "-o, --output FILE".
func (o option) head() string {
	text := "    --" + o.name
	if o.short != "" {
		text = "-" + o.short + ", --" + o.name
	}
	if o.value != "" {
		text += " " + o.value
	}
	return text
}

// renderEntry writes a term and its explanation in two columns.
func renderEntry(term, text string) string {
	var b strings.Builder
	line := "  " + term
	for i, part := range foldText(text, usageWidth-usageColumn) {
		if i > 0 {
			line = ""
		}
		if n := utf8.RuneCountInString(line); n+2 > usageColumn {
			b.WriteString(line + "\n")
			line = ""
		}
		line += strings.Repeat(" ", usageColumn-utf8.RuneCountInString(line))
		b.WriteString(line + part + "\n")
	}
	return b.String()
}

// foldText breaks text into lines of at most width characters.
func foldText(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
