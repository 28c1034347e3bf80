package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func completionVerb() subcommand {
	return subcommand{
		name:     "completion",
		summary:  "print the completions for a shell",
		synopsis: "completion bash|zsh|fish|powershell\ncompletion --all DIR",
		about: `Prints a script that teaches a shell to complete scan's commands and flags:

  bash        source <(scan completion bash)
  zsh         scan completion zsh > "${fpath[1]}/_scan"
  fish        scan completion fish > ~/.config/fish/completions/scan.fish
  powershell  scan completion powershell | Out-String | Invoke-Expression`,
		sections: []section{{"Flags", []option{
			{"all", "", "DIR", "write the scripts of all shells into DIR"},
		}}},
		run: runCompletion,
	}
}

// shell is one shell's completion script.
type shell struct {
	name, file string
	write      func() string
}

func shells() []shell {
	return []shell{
		{"bash", "scan.bash", bashCompletion},
		{"zsh", "_scan", zshCompletion},
		{"fish", "scan.fish", fishCompletion},
		{"powershell", "scan.ps1", powershellCompletion},
	}
}

func runCompletion(_ context.Context, p *process, args []string) (exitCode, error) {
	dir := ""
	fs := newVerbFlags("completion")
	fs.StringVar(&dir, "all", "", "")
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	if dir != "" {
		return wrote(writeCompletions(dir))
	}
	for _, s := range shells() {
		if fs.NArg() == 1 && s.name == fs.Arg(0) {
			_, err := io.WriteString(p.stdout, s.write())
			return wrote(err)
		}
	}
	return 0, &usageError{"name one shell: bash, zsh, fish or powershell", `for example "scan completion bash"`}
}

func writeCompletions(dir string) error {
	err := os.MkdirAll(dir, 0o755)
	for _, s := range shells() {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, s.file), []byte(s.write()), 0o644))
	}
	return err
}

// grammar is what can be completed behind one verb; the verb "" is a scan.
type grammar struct {
	verb    string
	summary string
	actions []string // words that may follow the verb
	options []option
}

func grammars() []grammar {
	list := []grammar{{"", "", nil, allOptions(scanSections())}}
	for _, s := range subcommands() {
		list = append(list, grammar{s.name, s.summary, s.actions(), allOptions(s.sections)})
	}
	return list
}

func allOptions(sections []section) (list []option) {
	for _, s := range sections {
		list = append(list, s.options...)
	}
	return list
}

// actions are the plain words that a verb's forms have in second place.
func (s subcommand) actions() (list []string) {
	for form := range strings.Lines(s.synopsis) {
		words := strings.Fields(form)
		if len(words) < 2 {
			continue
		}
		for word := range strings.SplitSeq(words[1], "|") {
			if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-") == "" && word[0] != '-' && !slices.Contains(list, word) {
				list = append(list, word)
			}
		}
	}
	return list
}

// choices are the words that a flag's value is one of; none if it is free.
func (o option) choices() []string {
	switch o.value {
	case "FORMAT":
		return formatNames()
	case "WHEN":
		return []string{"auto", "always", "never"}
	case "SEVERITY", "LEVEL":
		return []string{"info", "low", "medium", "high", "critical"}
	}
	return nil
}

// takesPath reports whether a flag's value is a file or a folder.
func (o option) takesPath() bool { return o.value == "FILE" || o.value == "DIR" }

// spellings are the forms of a flag: --output and -o.
func (o option) spellings() []string {
	if o.short == "" {
		return []string{"--" + o.name}
	}
	return []string{"--" + o.name, "-" + o.short}
}

func (g grammar) flags() (list []string) {
	for _, o := range g.options {
		list = append(list, o.spellings()...)
	}
	return list
}

// verbs are the names of all verbs.
func verbs() (list []string) {
	for _, s := range subcommands() {
		list = append(list, s.name)
	}
	return list
}

func bashCompletion() string {
	var b strings.Builder
	b.WriteString("# bash completion for scan\n_scan() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} flags words\n\tcase ${COMP_WORDS[1]} in\n")
	for _, g := range append(grammars()[1:], grammars()[0]) {
		name := g.verb
		if name == "" {
			name = "*"
		}
		fmt.Fprintf(&b, "\t%s) flags=%q words=%q ;;\n", name, strings.Join(g.flags(), " "), strings.Join(g.actions, " "))
	}
	b.WriteString("\tesac\n\tcase $prev in\n")
	seen := map[string]bool{}
	for _, g := range grammars() {
		for _, o := range g.options {
			if seen[o.name] || o.value == "" {
				continue
			}
			seen[o.name] = true
			from := "-W " + fmt.Sprintf("%q", strings.Join(o.choices(), " "))
			if o.takesPath() {
				from = "-f"
			}
			fmt.Fprintf(&b, "\t%s) COMPREPLY=($(compgen %s -- \"$cur\")); return ;;\n", strings.Join(o.spellings(), "|"), from)
		}
	}
	fmt.Fprintf(&b, "\tesac\n\tif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\")); return; fi\n"+
		"\t[ \"$COMP_CWORD\" = 1 ] && words=%q\n\t[ \"$COMP_CWORD\" -gt 2 ] && words=\n"+
		"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _scan scan\n", strings.Join(verbs(), " "))
	return b.String()
}

func zshCompletion() string {
	var b strings.Builder
	b.WriteString("#compdef scan\n# zsh completion for scan\n_scan() {\n\tlocal -a verbs\n\tverbs=(\n")
	for _, g := range grammars()[1:] {
		fmt.Fprintf(&b, "\t\t%s\n", zshQuote(g.verb+":"+g.summary))
	}
	b.WriteString("\t)\n\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n\t\t_describe command verbs\n\tfi\n\tcase $words[2] in\n")
	for _, g := range append(grammars()[1:], grammars()[0]) {
		name := g.verb
		if name == "" {
			name = "*"
		}
		fmt.Fprintf(&b, "\t%s) _arguments -s", name)
		for _, o := range g.options {
			fmt.Fprintf(&b, " \\\n\t\t%s", o.zsh())
		}
		if len(g.actions) > 0 {
			fmt.Fprintf(&b, " \\\n\t\t%s", zshQuote("2:action:("+strings.Join(g.actions, " ")+")"))
		}
		b.WriteString(" \\\n\t\t'*:file:_files' ;;\n")
	}
	b.WriteString("\tesac\n}\ncompdef _scan scan\n")
	return b.String()
}

// zsh gives a flag as _arguments takes it.
func (o option) zsh() string {
	text := "[" + strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(o.text) + "]"
	if o.value != "" {
		action := " "
		switch {
		case o.takesPath():
			action = "_files"
		case len(o.choices()) > 0:
			action = "(" + strings.Join(o.choices(), " ") + ")"
		}
		text += ":" + o.value + ":" + action
	}
	if o.short == "" {
		return zshQuote("--" + o.name + text)
	}
	return fmt.Sprintf("'(-%s --%s)'{-%s,--%s}%s", o.short, o.name, o.short, o.name, zshQuote(text))
}

func zshQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func fishCompletion() string {
	var b strings.Builder
	b.WriteString("# fish completion for scan\n")
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'" }
	for _, g := range grammars() {
		when := "not __fish_seen_subcommand_from " + strings.Join(verbs(), " ")
		if g.verb != "" {
			fmt.Fprintf(&b, "complete -c scan -n __fish_is_first_token -a %s -d %s\n", g.verb, quote(g.summary))
			when = "__fish_seen_subcommand_from " + g.verb
		}
		for _, a := range g.actions {
			fmt.Fprintf(&b, "complete -c scan -n %s -a %s\n", quote(when), a)
		}
		for _, o := range g.options {
			fmt.Fprintf(&b, "complete -c scan -n %s -l %s", quote(when), o.name)
			if o.short != "" {
				fmt.Fprintf(&b, " -s %s", o.short)
			}
			switch {
			case len(o.choices()) > 0:
				fmt.Fprintf(&b, " -x -a %s", quote(strings.Join(o.choices(), " ")))
			case o.takesPath():
				b.WriteString(" -r -F")
			case o.value != "":
				b.WriteString(" -x")
			}
			fmt.Fprintf(&b, " -d %s\n", quote(o.text))
		}
	}
	return b.String()
}

func powershellCompletion() string {
	var b strings.Builder
	quote := func(list []string) string {
		quoted := make([]string, len(list))
		for i, s := range list {
			quoted[i] = "'" + strings.ReplaceAll(s, "'", "''") + "'"
		}
		return "@(" + strings.Join(quoted, ", ") + ")"
	}
	b.WriteString("# PowerShell completion for scan\nRegister-ArgumentCompleter -Native -CommandName scan -ScriptBlock {\n" +
		"  param($word, $ast, $position)\n  $words = @($ast.CommandElements | ForEach-Object { $_.ToString() })\n" +
		"  $verb = if ($words.Count -gt 1) { $words[1] } else { '' }\n  switch ($verb) {\n")
	for _, g := range grammars()[1:] {
		fmt.Fprintf(&b, "    '%s' { $list = %s }\n", g.verb, quote(append(g.actions, g.flags()...)))
	}
	fmt.Fprintf(&b, "    default { $list = %s }\n  }\n", quote(append(verbs(), grammars()[0].flags()...)))
	b.WriteString("  $list | Where-Object { $_ -like \"$word*\" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }\n}\n")
	return b.String()
}
