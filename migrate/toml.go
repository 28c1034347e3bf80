package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// gitleaksFile is a .gitleaks.toml.
type gitleaksFile struct {
	Title       string          `toml:"title"`
	Description string          `toml:"description"`
	MinVersion  string          `toml:"minVersion"`
	Extend      gitleaksExtend  `toml:"extend"`
	Rules       []gitleaksRule  `toml:"rules"`
	Allowlist   *gitleaksAllow  `toml:"allowlist"` // the old form
	Allowlists  []gitleaksAllow `toml:"allowlists"`
}

type gitleaksExtend struct {
	Path          string   `toml:"path"`
	URL           string   `toml:"url"`
	UseDefault    bool     `toml:"useDefault"`
	DisabledRules []string `toml:"disabledRules"`
}

type gitleaksRule struct {
	ID          string             `toml:"id"`
	Description string             `toml:"description"`
	Regex       string             `toml:"regex"`
	Path        string             `toml:"path"`
	SecretGroup int                `toml:"secretGroup"`
	Entropy     float64            `toml:"entropy"`
	Keywords    []string           `toml:"keywords"`
	Tags        []string           `toml:"tags"`
	SkipReport  bool               `toml:"skipReport"`
	Required    []gitleaksRequired `toml:"required"`
	Allowlist   *gitleaksAllow     `toml:"allowlist"` // the old form
	Allowlists  []gitleaksAllow    `toml:"allowlists"`
}

type gitleaksRequired struct {
	ID            string `toml:"id"`
	WithinLines   *int   `toml:"withinLines"`
	WithinColumns *int   `toml:"withinColumns"`
}

type gitleaksAllow struct {
	Description string   `toml:"description"`
	Condition   string   `toml:"condition"`
	Commits     []string `toml:"commits"`
	Paths       []string `toml:"paths"`
	RegexTarget string   `toml:"regexTarget"`
	Regexes     []string `toml:"regexes"`
	StopWords   []string `toml:"stopwords"`
	TargetRules []string `toml:"targetRules"`
}

// decode reads a .gitleaks.toml. unknown are the keys that mean nothing to
// gitleaks 8, and lines tells where tables and keys stand: "rules.0.regex".
func decode(name string, data []byte) (f *gitleaksFile, lines map[string]int, unknown []Remark, err error) {
	if len(data) > MaxBytes {
		return nil, nil, nil, fmt.Errorf("%s: the file has %d bytes, more than the %d that are read", name, len(data), MaxBytes)
	}
	f = &gitleaksFile{}
	if err := toml.Unmarshal(data, f); err != nil {
		return nil, nil, nil, tomlError(name, err)
	}
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	var strict *toml.StrictMissingError
	if errors.As(dec.Decode(&gitleaksFile{}), &strict) {
		for i := range strict.Errors {
			e := &strict.Errors[i]
			line, _ := e.Position()
			unknown = append(unknown, Remark{Line: line, Lost: true, What: "key " + strings.Join(e.Key(), "."), Why: "gitleaks 8 does not know it either"})
		}
	}
	return f, positions(data), unknown, nil
}

func tomlError(name string, err error) error {
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return fmt.Errorf("%s:%d: %s", name, line, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "toml: "))
}

// positions finds the lines of tables and of the keys in them. The parser's
// own tree has no lines, but its expressions do.
func positions(data []byte) map[string]int {
	lines := map[string]int{}
	count := map[string]int{} // how often an array's table came
	table := ""
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable && e.Kind != unstable.KeyValue {
			continue
		}
		var key []string
		line := 0
		for it := e.Key(); it.Next(); {
			if line == 0 {
				line = p.Shape(it.Node().Raw).Start.Line
			}
			key = append(key, strings.ToLower(string(it.Node().Data)))
		}
		if e.Kind == unstable.KeyValue {
			lines[strings.TrimPrefix(table+"."+strings.Join(key, "."), ".")] = line
			continue
		}
		table = indexed(key, count, e.Kind == unstable.ArrayTable)
		lines[table] = line
	}
	return lines
}

// indexed names a table with the numbers of the arrays that it lies in.
func indexed(key []string, count map[string]int, array bool) string {
	name := ""
	for i, part := range key {
		name = strings.TrimPrefix(name+"."+part, ".")
		if array && i == len(key)-1 {
			count[name]++
		}
		if n, ok := count[name]; ok {
			name += "." + strconv.Itoa(n-1)
		}
	}
	return name
}
