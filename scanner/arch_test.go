package scanner_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "keyrake"

// mayImport says which packages of ours a package may import. An entry that
// ends in /... stands for a folder with all below it. A package that is not
// listed has no place in the picture yet: give it one in ARCHITECTURE.md first.
func mayImport() map[string][]string {
	return map[string][]string{
		"":                      nil,
		"fixtures":              {"rules/example"}, // for tests only: nothing may import it
		"fixtures/peak":         nil,               // for tests and bench
		"hook":                  nil,
		"migrate":               {"rules", "scanner/finding", "scanner/known"},
		"worker":                nil,
		"worker/setup":          {"worker"},
		"worker/checklist":      {"worker", "rules", "scanner/finding", "scanner/report", "scanner/walk/ignore"},
		"rules":                 nil,
		"config":                {"rules", "scanner/known"},
		"rules/example":         nil,
		"rules/compile":         {"", "rules", "scanner/match"},
		"scanner/finding":       {"rules"},
		"scanner/match/literal": nil,
		"scanner/match/lex":     nil,
		"scanner/match/decode":  nil,
		"scanner/match":         {"rules", "scanner/match/literal", "scanner/match/lex", "scanner/match/decode"},
		"scanner/judge/proof":   nil,
		"scanner/judge":         {"rules", "scanner/judge/proof", "scanner/match"},
		"scanner/judge/train":   {"scanner/judge"},
		"scanner/pair":          {"rules", "scanner/match/lex"},
		"scanner/known":         {"rules", "scanner/finding", "scanner/walk/ignore"},
		"scanner/report":        {"rules", "scanner/finding"},
		"scanner/replacement":   nil,
		"scanner/window":        {"scanner/finding", "scanner/match/decode"},
		"scanner/needle":        {"scanner/match/literal", "scanner/replacement", "scanner/window"},
		"scanner/warm":          nil,
		"scanner/walk/...":      {"scanner/walk/..."},
		"scanner":               {"rules", "scanner/...", "worker"},
		"cmd/scan":              {"", "config", "hook", "migrate", "rules", "rules/example", "scanner/...", "worker/..."}, // the files of the rules, for scan rules

		"scanner/judge/train/scale": {"rules", "scanner/judge", "scanner/match"},
	}
}

// homes says where a library may be imported; all others may be imported
// nowhere.
func homes() map[string][]string {
	return map[string][]string{
		"github.com/spf13/pflag":                {"cmd/scan"},
		"github.com/fatih/color":                {"scanner/report"},
		"github.com/dlclark/regexp2/v2":         {"scanner/match"},
		"go.yaml.in/yaml/v3":                    {"rules", "config", "worker", "worker/checklist"},
		"github.com/tailscale/hujson":           {"worker"},
		"golang.org/x/crypto/argon2":            {"scanner/known"},
		"github.com/pelletier/go-toml/v2/...":   {"migrate", "worker"},
		"github.com/go-git/go-git/v5":           nil, // it opens connections; only its sub-packages
		"github.com/go-git/go-git/v5/plumbing":  {"scanner", "scanner/walk/..."},
		"github.com/go-git/go-git/v5/...":       {"scanner/walk/..."},
		"golang.org/x/sys/...":                  {"..."},
		"github.com/rogpeppe/go-internal/...":   {"fixtures"},
		"github.com/klauspost/compress/...":     {"scanner/walk/..."},
		"golang.org/x/text/...":                 nil,
		"github.com/go-git/go-billy/v5/...":     nil,
		"github.com/go-git/go-git/v5/utils/...": nil,

		"github.com/santhosh-tekuri/jsonschema/v6": nil, // in tests of report only
	}
}

// forbidden are packages of the standard library that no code of ours imports:
// a scan opens no connection and runs no program.
var forbidden = [...]string{"net", "net/http", "net/rpc", "net/smtp", "os/exec", "plugin", "log", "log/slog"}

// covers tells whether pattern, which may end in /..., stands for path.
func covers(pattern, path string) bool {
	if pattern == "..." {
		return true
	}
	folder, all := strings.CutSuffix(pattern, "/...")
	return pattern == path || all && (path == folder || strings.HasPrefix(path, folder+"/"))
}

// goPackage is what go list tells of a package.
type goPackage struct {
	ImportPath, Dir, Doc, Name string
	GoFiles, CgoFiles          []string
	Imports                    []string
	TestImports, XTestImports  []string
}

func (p *goPackage) own() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func systems() []string { return []string{"linux", "darwin", "windows"} }

func goCommand(t *testing.T, goos string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

func packages(t *testing.T, goos string) (list []goPackage) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(goCommand(t, goos, "list", "-json=ImportPath,Dir,Doc,Name,GoFiles,CgoFiles,Imports,TestImports,XTestImports", "./...")))
	for {
		var p goPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// TestImportArrows holds the picture of ARCHITECTURE.md.
func TestImportArrows(t *testing.T) {
	for _, goos := range systems() {
		for _, p := range packages(t, goos) {
			checkArrows(t, &p)
			checkLibraries(t, &p)
			if len(p.CgoFiles) > 0 {
				t.Errorf("%s uses cgo", p.ImportPath)
			}
		}
	}
}

func checkArrows(t *testing.T, p *goPackage) {
	t.Helper()
	var allowed []string
	found := false
	for pattern, list := range mayImport() {
		if covers(pattern, p.own()) {
			allowed, found = list, true
		}
	}
	if !found {
		t.Errorf("%s is not listed in mayImport", p.ImportPath)
		return
	}
	for _, path := range p.Imports {
		if path != module && !strings.HasPrefix(path, module+"/") {
			continue
		}
		target := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
		if !slices.ContainsFunc(allowed, func(pattern string) bool { return covers(pattern, target) }) {
			t.Errorf("%s imports %s", p.ImportPath, path)
		}
	}
}

func checkLibraries(t *testing.T, p *goPackage) {
	t.Helper()
	for _, path := range p.Imports {
		if slices.Contains(forbidden[:], path) && p.own() != "fixtures" {
			t.Errorf("%s imports %s", p.ImportPath, path)
		}
		if !isLibrary(path) {
			continue
		}
		home, longest := []string(nil), -1
		for pattern, list := range homes() {
			if covers(pattern, path) && len(pattern) > longest {
				home, longest = list, len(pattern)
				if pattern == path {
					break
				}
			}
		}
		if !slices.ContainsFunc(home, func(pattern string) bool { return covers(pattern, p.own()) }) {
			t.Errorf("%s imports %s, whose home is %q", p.ImportPath, path, home)
		}
	}
}

// isLibrary tells packages of other modules from ours and the standard ones.
func isLibrary(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != module && strings.Contains(first, ".")
}

// TestNoNetwork: nothing that the program is linked with can speak HTTP or run
// a program. (pflag and crypto/x509 need package net for its address types.)
func TestNoNetwork(t *testing.T) {
	for _, goos := range systems() {
		deps := strings.Fields(string(goCommand(t, goos, "list", "-deps", "./cmd/scan")))
		if len(deps) < 50 {
			t.Fatalf("%s: only %d packages", goos, len(deps))
		}
		for _, path := range []string{"net/http", "os/exec", "crypto/tls", "plugin", "github.com/go-git/go-git/v5"} {
			if slices.Contains(deps, path) {
				t.Errorf("%s: the program is linked with %s", goos, path)
			}
		}
	}
}

func TestPackageDocs(t *testing.T) {
	for _, p := range packages(t, "linux") {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// TestDirectDependencies counts the modules that our code and tests import.
func TestDirectDependencies(t *testing.T) {
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	direct := 0
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) >= 2 && strings.Contains(f[0], ".") && strings.HasPrefix(f[1], "v") {
			modules = append(modules, f[0])
			if !strings.Contains(line, "// indirect") {
				direct++
			}
		}
	}
	used := map[string]bool{}
	for _, goos := range systems() {
		for _, p := range packages(t, goos) {
			for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
				if !isLibrary(path) {
					continue
				}
				best := ""
				for _, m := range modules {
					if covers(m+"/...", path) && len(m) > len(best) {
						best = m
					}
				}
				if best == "" {
					t.Errorf("no module of go.mod holds %s", path)
				}
				used[best] = true
			}
		}
	}
	if n := max(direct, len(used)); n == 0 || n > 12 {
		t.Errorf("%d direct dependencies, want 1 to 12", n)
	}
}

// TestNoHiddenState: no init function, and no package variable that changes.
func TestNoHiddenState(t *testing.T) {
	seen := map[string]bool{}
	for _, goos := range systems() {
		for _, p := range packages(t, goos) {
			if key := p.Dir + strings.Join(p.GoFiles, " "); !seen[key] {
				seen[key] = true
				checkState(t, &p)
			}
		}
	}
}

func checkState(t *testing.T, p *goPackage) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	vars, specs := packageVars(files)
	for _, spec := range specs {
		if s, ok := spec.Type.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && (x.Name == "sync" || x.Name == "atomic") {
				t.Errorf("%s: a package variable of type %s.%s changes", fset.Position(spec.Pos()), x.Name, s.Sel.Name)
			}
		}
	}
	for _, f := range files {
		imports := importNames(f)
		isShared := func(e ast.Expr) bool {
			x := root(e)
			if x == nil {
				return false
			}
			if x.Obj != nil {
				spec, ok := x.Obj.Decl.(*ast.ValueSpec)
				return ok && slices.Contains(specs, spec)
			}
			return vars[x.Name] || imports[x.Name] && e != x
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s: an init function", fset.Position(fn.Pos()))
			}
			for _, e := range written(fn) {
				if isShared(e) {
					t.Errorf("%s: a package variable is written", fset.Position(e.Pos()))
				}
			}
		}
	}
}

// packageVars are the names and declarations of a package's variables.
func packageVars(files []*ast.File) (names map[string]bool, specs []*ast.ValueSpec) {
	names = map[string]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				specs = append(specs, spec)
				for _, n := range spec.Names {
					names[n.Name] = n.Name != "_"
				}
			}
		}
	}
	return names, specs
}

func importNames(f *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, s := range f.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		name := filepath.Base(path)
		if s.Name != nil {
			name = s.Name.Name
		}
		names[name] = true
	}
	return names
}

// written are the expressions that a function assigns to.
func written(fn *ast.FuncDecl) (list []ast.Expr) {
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				list = append(list, n.Lhs...)
			}
		case *ast.IncDecStmt:
			list = append(list, n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				list = append(list, n.Key, n.Value)
			}
		}
		return true
	})
	return list
}

// root is the variable that an expression such as a.b[c] is a part of.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		default:
			return nil
		}
	}
}
