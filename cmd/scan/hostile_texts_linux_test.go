package main

import (
	"fmt"
	"strings"
)

// hostileTexts have configuration, rules and contents that are costly to read.
func hostileTexts() []hostile {
	files := []string{"."}
	text := func(name, content string) func(*hostileRepo) {
		return func(h *hostileRepo) { h.write(name, content) }
	}
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	rule := func(pattern string) string {
		title := "'\n    title: 'Evil"
		if strings.Contains(pattern, "title:") {
			title = ""
		}
		return "rules:\n  - id: evil\n    provider: x\n    severity: high\n    keywords: [aaa]\n    remedy: none\n    reach: {before: 100, after: 4000}\n    pattern: '" + pattern + title + "'\n"
	}
	on := func(size int, pattern string) func(*hostileRepo) {
		return func(h *hostileRepo) {
			h.write("evil.yaml", rule(pattern))
			h.write(".scan.yaml", "rules: [evil.yaml]\n")
			h.write("aaa.txt", strings.Repeat("a", size))
		}
	}
	withRules := func(pattern string) func(*hostileRepo) { return on(10_000, pattern) }
	return []hostile{
		{name: "config: YAML bomb", args: files, want: refused, make: text(".scan.yaml", bomb)},
		{name: "config: YAML 100,000 levels deep", args: files, want: refused, make: text(".scan.yaml", "ignore: "+strings.Repeat("[", 100_000))},
		{name: "config: of 100 MB", args: files, want: refused, make: text(".scan.yaml", strings.Repeat("# x\n", 25<<20))},
		{name: "config: extends itself", args: files, want: refused, make: text(".scan.yaml", "extends: .scan.yaml\n")},
		{name: "config: extends /etc/passwd", args: files, want: refused, make: text(".scan.yaml", "extends: ../../../../../../../../etc/passwd\n")},
		{name: "config: a link out of the tree", args: files, want: notRead, make: func(h *hostileRepo) { h.link("/etc/passwd", ".scan.yaml") }},
		{name: "config: ignores everything", args: files, want: []exitCode{exitClean}, whole: true, make: text(".scan.yaml", "ignore: [{path: \"**\", reason: all}]\n")},
		{name: "config: globs that backtrack", args: files, want: notRead, whole: true, make: text(".scan.yaml", "ignore: [{path: \""+strings.Repeat("*a", 2000)+"b\"}]\n")},
		{name: "rules: YAML bomb", args: files, want: refused, make: func(h *hostileRepo) {
			h.write("evil.yaml", bomb)
			h.write(".scan.yaml", "rules: [evil.yaml]\n")
		}},
		{name: "rules: (a+)+", args: files, want: []exitCode{exitFindings, exitIncomplete}, whole: true, make: withRules("aaa(a+)+b")},
		{name: "rules: (a+)+ on 256 KiB", args: files, want: finds, make: on(1<<18, "aaa(a+)+b")},
		{name: "rules: (a+)+ on 1 MiB", heavy: true, args: files, want: finds, make: on(1<<20, "aaa(a+)+b")},
		{name: "rules: (a+)+ in 30 versions of 100 kB", heavy: true, want: finds, make: func(h *hostileRepo) {
			withRules("aaa(a+)+b")(h)
			var blobs []packEntry
			for i := range 30 {
				blobs = append(blobs, blobEntry(strings.Repeat("a", 100_000)+fmt.Sprint(i)))
			}
			h.files(blobs...)
		}},
		{name: "rules: an assignment that looks 60,000 bytes far", args: files, want: finds, make: func(h *hostileRepo) {
			h.write("evil.yaml", "rules:\n  - {id: evil, title: Evil, provider: x, severity: high, kind: assignment, keywords: [aaa], remedy: none, reach: {before: 60000, after: 60000}, pattern: '(a|=)+b'}\n")
			h.write(".scan.yaml", "rules: [evil.yaml]\n")
			h.write("aaa.txt", strings.Repeat("aaa=", 1<<18))
		}},
		{name: "rules: a match at each of 256 KiB", args: files, want: notRead, whole: true, make: on(1<<18, "aaa(a+)")},
		{name: "rules: a match at each of 1 MiB", heavy: true, args: files, want: notRead, whole: true, make: on(1<<20, "aaa(a+)")},
		{name: "rules: (a+)+ in a history of 200 MB", want: finds, heavy: true, make: func(h *hostileRepo) {
			withRules("aaa(a+)+b")(h)
			var blobs []packEntry
			for i := range 2000 {
				blobs = append(blobs, blobEntry(strings.Repeat("a", 100_000)+fmt.Sprint(i)))
			}
			h.files(blobs...)
		}},
		{name: "rules: each of many matches looks at all that comes behind it", args: files, want: finds, make: withRules("x?aaa(?:[ab]*c)?")},
		{name: "rules: on a whole content, the same", args: files, want: finds, make: func(h *hostileRepo) {
			h.write("evil.yaml", "rules:\n  - {id: evil, title: Evil, provider: x, remedy: none, whole: true, reach: {before: 400, after: 400}, pattern: 'a{8}(?:a*b)?'}\n")
			h.write(".scan.yaml", "rules: [evil.yaml]\n")
			h.write("aaa.txt", strings.Repeat("a", 1<<20))
		}},
		{name: "rules: an expression of 10,000 states", args: files, want: finds, heavy: true, make: withRules("aaa" + strings.Repeat("[ab]{0,1000}", 3) + "c")},
		{name: "rules: 1,000 of one keyword", args: files, want: finds, make: func(h *hostileRepo) { sameKeyword(h, 1_000) }},
		{name: "rules: 5,000 of one keyword", heavy: true, args: files, want: finds, make: func(h *hostileRepo) { sameKeyword(h, 5_000) }},
		{name: "rules: nested repeats of 1,000", args: files, want: refused, make: withRules("((a{1,1000}){1,1000}){1,1000}")},
		{name: "rules: look-around that backtracks", args: files, want: refused, make: withRules("(?=(a+)+b)aaa")},
		{name: "rules: a pattern of 200 kB", args: files, want: notRead, whole: true, make: withRules("(" + strings.Repeat("a?", 100_000) + ")")},
		{name: "rules: the user's own, that backtrack on 1 MiB", heavy: true, args: []string{"--rules", "evil.yaml", "--no-repo-config", "."}, want: finds,
			make: on(1<<20, `aaa\w*[^-]?\w*[^-]?\w*[^-]?\w*[^-]?(?=-)`+"'\n    backtrack: true\n    title: 'Evil")},
		{name: "rules: the user's own, that backtrack", args: []string{"--rules", "evil.yaml", "--no-repo-config", "."}, want: notRead, make: withRules("aaa(?=(a|aa)+b)'\n    backtrack: true\n    title: 'Evil"), whole: true},
		{name: "scanignore of 50 MB", args: files, want: notRead, make: text(".scanignore", strings.Repeat("abc*def -- x\n", 50<<20/13)), whole: true},
		{name: "scanignore of one endless line", args: files, want: notRead, make: text(".scanignore", strings.Repeat("*", 50<<20)), whole: true},
		{name: "baseline of 100 MB", args: files, want: notRead, make: text(".scan-baseline", strings.Repeat("x y z\n", 100<<20/6)), whole: true},
		{name: "baseline that asks for costly hashes", args: files, want: notRead, make: costlyBaseline, whole: true, hidden: true},
		{name: "contents: a keyword a million times", heavy: true, args: files, want: finds, whole: true, make: text("x.txt", strings.Repeat("password=api_key:secret token ", 400_000))},
		{name: "contents: a million marks", args: files, want: notRead, whole: true, make: text("x.txt", strings.Repeat("scan:allow ", 1_000_000))},
		{name: "contents: brackets and quotes, open", args: files, want: finds, whole: true, make: text("x.txt", strings.Repeat("api_key=\"({['`<", 200_000))},
		{name: "contents: brackets and quotes, open, 9 MB", heavy: true, args: files, want: finds, whole: true, make: text("x.txt", strings.Repeat("api_key=\"({['`<", 600_000))},
		{name: "contents: 300,000 PEM beginnings", args: files, want: finds, whole: true, make: text("x.txt", strings.Repeat("-----BEGIN "+"PRIVATE KEY-----\n", 300_000))},
		{name: "contents: base64 of 20 MB behind a name", args: files, want: finds, whole: true, make: text("x.txt", "api_secret_key="+strings.Repeat("QUJDRGVm", 20<<20/8))},
		{name: "contents: 50,000 secrets", heavy: true, args: files, want: finds, whole: true, make: func(h *hostileRepo) {
			var b strings.Builder
			for i := range 50_000 {
				s := []byte(h.secret)
				fmt.Fprintf(&b, "T%d_API_KEY=%x%x\n", i, s[5:13], i*7919)
			}
			h.write("x.txt", b.String())
		}},
	}
}

// sameKeyword has a file of rules that all begin at one keyword.
func sameKeyword(h *hostileRepo, n int) {
	h.Helper()
	var list strings.Builder
	list.WriteString("rules:\n")
	for i := range n {
		fmt.Fprintf(&list, "  - {id: evil-%d, title: Evil, provider: x, remedy: none, keywords: [aaa], pattern: 'aaa[a-y]{0,20}z'}\n", i)
	}
	h.write("evil.yaml", list.String())
	h.write(".scan.yaml", "rules: [evil.yaml]\n")
	h.write("aaa.txt", strings.Repeat("a", 20_000))
}

// costlyBaseline has very many lines that each would ask for a slow hash.
func costlyBaseline(h *hostileRepo) {
	r := runScan(h, h.dir, nil, nil, "baseline", "create")
	if r.code != exitClean {
		h.Fatalf("baseline create: %d %s", r.code, r.stderr)
	}
	old := string(h.read(".scan-baseline"))
	lines := strings.SplitAfter(old, "\n")
	last := lines[len(lines)-2]
	var b strings.Builder
	b.WriteString(old)
	for i := range 100_000 {
		b.WriteString(strings.Replace(last, "0", fmt.Sprint(i%10), 1))
	}
	h.write(".scan-baseline", b.String())
	var many strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&many, "password_%d = \"hunter%dXq!\"\n", i, i*31)
	}
	h.write("many.txt", many.String())
}
