package report

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"keyrake/scanner/finding"
)

// browser is a headless Chromium, spoken to over two pipes.
type browser struct {
	t       *testing.T
	in      io.Writer
	out     *bufio.Reader
	id      int
	session string
	logged  []string // console messages, errors and refusals by the policy
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		program, err = exec.LookPath("google-chrome")
	}
	if err != nil || testing.Short() || runtime.GOOS == "windows" { // which hands no pipes down
		t.Skip("no chromium: apt-get install chromium")
	}
	toR, toW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromR, fromW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "keyrake")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toR, fromW}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toR.Close()
	fromW.Close()
	timer := time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() })
	b := &browser{t: t, in: toW, out: bufio.NewReader(fromR)}
	t.Cleanup(func() {
		b.session = ""
		b.call("Browser.close", nil)
		cmd.Wait()
		timer.Stop()
		os.RemoveAll(profile) // its helpers may still write for a moment
	})
	target := b.call("Target.createTarget", map[string]any{"url": "about:blank"})["targetId"]
	b.session = b.call("Target.attachToTarget", map[string]any{"targetId": target, "flatten": true})["sessionId"].(string)
	for _, domain := range []string{"Page", "Log", "Runtime", "Network"} {
		b.call(domain+".enable", nil)
	}
	return b
}

// call sends a command and waits for its answer, keeping what is logged meanwhile.
func (b *browser) call(method string, params any) map[string]any {
	b.t.Helper()
	b.id++
	msg := map[string]any{"id": b.id, "method": method}
	if params != nil {
		msg["params"] = params
	}
	if b.session != "" {
		msg["sessionId"] = b.session
	}
	data, err := json.Marshal(msg)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(data, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		m := b.read()
		if id, ok := m["id"].(float64); ok && int(id) == b.id {
			if m["error"] != nil {
				b.t.Fatalf("%s: %v", method, m["error"])
			}
			result, _ := m["result"].(map[string]any)
			return result
		}
	}
}

func (b *browser) read() map[string]any {
	b.t.Helper()
	data, err := b.out.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("the browser is gone: %v", err)
	}
	var m map[string]any
	if err := json.Unmarshal(data[:len(data)-1], &m); err != nil {
		b.t.Fatal(err)
	}
	switch method, _ := m["method"].(string); method {
	case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown":
		b.logged = append(b.logged, fmt.Sprint(m["params"]))
	case "Network.requestWillBeSent":
		request := m["params"].(map[string]any)["request"].(map[string]any)
		if address := request["url"].(string); !strings.HasPrefix(address, "file:") {
			b.logged = append(b.logged, "a request to "+address)
		}
	}
	return m
}

func (b *browser) open(file, fragment string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": "about:blank"})
	address := url.URL{Scheme: "file", Path: file}
	b.call("Page.navigate", map[string]any{"url": address.String() + fragment})
	b.eval("new Promise(done => document.readyState === 'complete' ? done(1) : addEventListener('load', () => done(1)))")
}

func (b *browser) eval(code string) any {
	b.t.Helper()
	result := b.call("Runtime.evaluate", map[string]any{"expression": code, "awaitPromise": true, "returnByValue": true})
	if result["exceptionDetails"] != nil {
		b.t.Fatalf("%s: %v", code, result["exceptionDetails"])
	}
	return result["result"].(map[string]any)["value"]
}

func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		press := map[string]any{"type": "keyDown", "key": key}
		if len(key) == 1 {
			press["text"] = key
		}
		b.call("Input.dispatchKeyEvent", press)
		b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key})
	}
}

// visible gives the titles of the cards that are shown, in their order.
func (b *browser) visible() string {
	b.t.Helper()
	return b.eval("[...document.querySelectorAll('.card')].filter(c => c.checkVisibility()).map(c => c.querySelector('h3').textContent).join(',')").(string)
}

// writePage writes a report into a file and gives its path.
func writePage(t *testing.T, page string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// many gives findings named A to F that differ in all that a page can sort by.
func many() *finding.Report {
	r := sample()
	base := r.Findings[0]
	r.Findings = nil
	for i, name := range []string{"A", "B", "C", "D", "E", "F"} {
		f := base
		rule := *sampleRule()
		rule.Title, rule.Provider = name, string(rune('z'-i))
		f.Rule, f.Severity, f.Confidence = &rule, 4, 0.5+float64(i)/20
		if i >= 2 {
			f.Severity = 2
		}
		f.InHead = i%2 == 0
		f.Fingerprint = strings.Repeat(fmt.Sprint(i), 32)
		commit := *base.Places[0].Commit
		commit.Date = time.Date(2020+(i*7)%6, 1, 1, 0, 0, 0, 0, time.UTC)
		f.Places = []finding.Place{{Kind: finding.Blob, Path: fmt.Sprintf("p%d/%s", (i*5)%6, name), Line: 1, Column: 1, EndLine: 1, EndColumn: 9, Commit: &commit, InHead: f.InHead}}
		f.Exposure = &finding.Exposure{First: &commit, Pushed: i == 3, Days: 40 * i}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func TestPageInABrowser(t *testing.T) {
	b := openBrowser(t)
	file := writePage(t, html(t, many(), Options{}))
	for fragment, want := range map[string]string{
		"":                            "A,B,C,D,E,F",
		"#sort=confidence":            "F,E,D,C,B,A",
		"#sort=oldest":                "A,B,C,D,E,F",
		"#sort=newest":                "F,E,D,C,B,A",
		"#sort=path":                  "A,F,E,D,C,B",
		"#sort=provider":              "F,E,D,C,B,A",
		"#severity=medium":            "C,D,E,F",
		"#severity=critical.medium":   "A,B,C,D,E,F",
		"#state=head":                 "A,C,E",
		"#state=gone&severity=medium": "D,F",
		"#state=pushed":               "D",
		"#q=p3%2FD":                   "D",
		"#q=p+nothing":                "",
		"#q=%3Cscript%3E&sort=bogus":  "",
	} {
		b.open(file, fragment)
		if got := b.visible(); got != want {
			t.Errorf("%s shows %q, want %q", fragment, got, want)
		}
		if rows, _ := b.eval("[...document.querySelectorAll('.rows li')].filter(c => c.checkVisibility()).length").(float64); int(rows) != len(strings.FieldsFunc(want, func(r rune) bool { return r == ',' })) {
			t.Errorf("%s: %v rows in the time line", fragment, rows)
		}
	}
	if len(b.logged) > 0 {
		t.Errorf("the browser complains: %q", b.logged)
	}
}

func TestPageByKeyboard(t *testing.T) {
	b := openBrowser(t)
	b.open(writePage(t, html(t, many(), Options{})), "")
	steps := []struct {
		keys []string
		code string
		want any
	}{
		{[]string{"j", "j"}, "document.activeElement.querySelector('h3').textContent", "B"},
		{[]string{"k"}, "document.activeElement.querySelector('h3').textContent", "A"},
		{[]string{"o"}, "document.activeElement.querySelector('details').open", true},
		{[]string{"Enter"}, "document.activeElement.querySelector('details').open", false},
		{[]string{"/"}, "document.activeElement.id", "q"},
		{[]string{"D"}, "location.hash", "#q=D"},
		{[]string{"Escape"}, "location.hash + document.activeElement.tagName", "BODY"},
	}
	for _, s := range steps {
		b.press(s.keys...)
		if got := b.eval(s.code); got != s.want {
			t.Errorf("after %q: %s is %v, want %v", s.keys, s.code, got, s.want)
		}
	}
	// Every control is reached by Tab alone.
	seen := map[string]bool{}
	for range 40 {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "Tab", "windowsVirtualKeyCode": 9})
		seen[fmt.Sprint(b.eval("document.activeElement.id || document.activeElement.className || document.activeElement.tagName"))] = true
	}
	for _, want := range []string{"skip", "q", "state", "sort", "chip critical", "rows", "SUMMARY", "critical"} {
		if !seen[want] {
			t.Errorf("Tab does not reach %q: %v", want, seen)
		}
	}
	// A link of the time line leads to its card.
	b.eval("document.querySelectorAll('.rows a')[4].click()")
	if got := b.eval("new Promise(done => setTimeout(() => done(document.activeElement.querySelector('h3')?.textContent), 100))"); got != "E" {
		t.Errorf("the time line leads to %v", got)
	}
}

// TestPageRefusesAllElse shows that the policy holds, and that the test would
// see a refusal.
func TestPageRefusesAllElse(t *testing.T) {
	b := openBrowser(t)
	page := html(t, many(), Options{})
	for name, bad := range map[string]string{
		"a changed style":  strings.Replace(page, "<style>", "<style> ", 1),
		"a changed script": strings.Replace(page, "<script>", "<script> ", 1),
		"a further script": strings.Replace(page, "<footer", "<script>document.title='x'</script><footer", 1),
		"a handler":        strings.Replace(page, "<footer", `<p onclick="x()">x</p><footer`, 1),
		"an image":         strings.Replace(page, "<footer", `<img src="https://example.com/x.png"><footer`, 1),
	} {
		b.logged = nil
		b.open(writePage(t, bad), "")
		b.eval("document.querySelector('[onclick]')?.click()")
		if all := strings.Join(b.logged, " "); !strings.Contains(all, "Content Security Policy") {
			t.Errorf("%s is not refused: %q", name, b.logged)
		}
	}
}

// TestPagePictures writes pictures for a person to look at, if a folder is
// named; and looks itself for what is wider than the screen.
func TestPagePictures(t *testing.T) {
	b := openBrowser(t)
	r := many()
	r.Findings[0].Places[0].Path = strings.Repeat("a-very-long-folder/", 12) + "and<script>alert(1)</script>.js"
	file := writePage(t, html(t, r, Options{}))
	for _, width := range []int{360, 768, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 1400, "deviceScaleFactor": 1, "mobile": width < 500})
			b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
			b.open(file, "")
			if over := b.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth"); over != 0. {
				t.Errorf("on a screen of %d, %v are out of sight", width, over)
			}
			if dir := os.Getenv("KEYRAKE_PICTURES"); dir != "" {
				shot, err := base64.StdEncoding.DecodeString(b.call("Page.captureScreenshot", nil)["data"].(string))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("page-%d-%s.png", width, scheme)), shot, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if len(b.logged) > 0 {
		t.Errorf("the browser complains: %q", b.logged)
	}
}
