package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"keyrake/config"
	"keyrake/rules"
	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
	"keyrake/scanner/walk/top"
)

// defaultConfidence is the judge's own least confidence.
const defaultConfidence = 0.5

// settings is all that configures one scan: the repository's .scan.yaml, the
// file that --config names, the environment and the flags, in rising strength.
// Of a bare repository the files of HEAD count, otherwise those of the work
// tree, whatever is scanned.
type settings struct {
	config.Settings
	top   *top.Top // of the repository, or nil
	own   bool     // the repository's own files count
	fresh bool     // leave the baseline out
	floor known.Floor
	today time.Time
	notes []string
	gaps  []finding.Gap     // of the repository's own files
	extra map[string][]byte // rule files that are no files
	lists []known.Entry     // what is accepted beside the layers
}

// gather reads all settings and applies them to c. The caller closes the result.
func gather(c *command, env environment) (*settings, error) {
	s := &settings{today: time.Now().UTC().Truncate(24 * time.Hour)}
	without, err := env.flag("SCAN_NO_REPO_CONFIG")
	if err != nil {
		return nil, err
	}
	s.own = !c.noRepoConfig && !without
	s.openTop(c, env)
	if err := s.load(c, env); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.apply(c); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *settings) close() error {
	if s.top == nil {
		return nil
	}
	return s.top.Close()
}

// openTop opens the repository that configures the scan: the one that is
// scanned. Paths in several repositories have none in common.
func (s *settings) openTop(c *command, env environment) {
	var places []scanner.GitEnv
	if c.mode == modeFiles && len(c.paths) > 0 {
		for _, path := range c.paths {
			if info, err := os.Stat(path); err != nil || !info.IsDir() {
				path = filepath.Dir(path)
			}
			places = append(places, scanner.GitEnv{Path: path})
		}
	} else if c.mode == modeFiles {
		places = []scanner.GitEnv{{Path: "."}}
	} else {
		places = []scanner.GitEnv{env.git(c)}
	}
	for i, g := range slices.Compact(places) {
		t, err := g.Top()
		switch {
		case err != nil:
			// A scan that needs the repository fails by itself.
			s.notes = append(s.notes, fmt.Sprintf("the repository's own configuration was not read: %v", err))
		case i == 0:
			s.top = t
			s.noteOwner(env)
			continue
		case t != nil && s.top != nil && t.Dir == s.top.Dir:
			t.Close()
			continue
		case t == nil && s.top == nil:
			continue
		case err == nil:
			s.notes = append(s.notes, "the paths lie in several repositories, so that no repository's own configuration was used; scan them in calls of their own")
		}
		if t != nil {
			t.Close()
		}
		s.close()
		s.top = nil
		return
	}
}

// noteOwner notes a repository that belongs to somebody else.
func (s *settings) noteOwner(env environment) {
	if s.top == nil {
		return
	}
	if text := env.foreign(s.top.Folders); text != "" {
		s.notes = append(s.notes, text)
	}
}

// load reads the layers.
func (s *settings) load(c *command, env environment) error {
	if s.own && s.top != nil {
		layers, err := config.Load(config.Files{Read: s.ofTop, Foreign: true}, config.FileName)
		if _, none := err.(*config.MissingError); err != nil && !none {
			return err
		}
		s.Settings = append(s.Settings, layers...)
		s.noteOther()
	}
	if name := cmp.Or(c.configFile, env.get("SCAN_CONFIG")); name != "" {
		layers, err := config.Load(config.Files{Read: readLimited}, name)
		if err != nil {
			return err
		}
		s.Settings = append(s.Settings, layers...)
	}
	s.Settings = append(s.Settings, env.layer(), c.layer())
	if note := env.unknown(); note != "" {
		s.notes = append(s.notes, note)
	}
	return nil
}

// noteOther notes a file of settings whose name is the other one that YAML has.
func (s *settings) noteOther() {
	const other = ".scan.yml"
	var unseen *fs.PathError // the disk does not tell whether it is there
	if _, err := s.top.Read(other, 0); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, top.ErrNotFetched) && !errors.As(err, &unseen) {
		s.notes = append(s.notes, other+" is not read and had no effect: rename it to "+config.FileName)
	}
}

// ofTop reads a file of the repository that needs not be there. In a partial clone nobody
// can tell whether it is.
func (s *settings) ofTop(name string, limit int64) ([]byte, error) {
	data, err := s.top.Read(name, limit)
	if errors.Is(err, top.ErrNotFetched) {
		if len(s.gaps) == 0 {
			s.gaps = append(s.gaps, finding.Gap{What: "the repository's own configuration", Cause: finding.Unreadable,
				Reason: err.Error() + "; clone the repository in full, without --filter, or use --no-repo-config"})
		}
		return nil, fs.ErrNotExist
	}
	return data, err
}

// readLimited reads a regular file, or a pipe, that the user names.
func readLimited(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, &fileError{"read", name, err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %s: it has more than %d bytes", name, limit)
	}
	return data, err
}

// fileError says what to do about a file that the user named.
type fileError struct {
	doing, name string
	err         error
}

func (e *fileError) Unwrap() error { return e.err }

func (e *fileError) Error() string {
	text, what := e.doing+" "+e.name+": ", e.err
	var at *fs.PathError
	if errors.As(e.err, &at) {
		what = at.Err
	}
	folder := filepath.Dir(e.name)
	switch {
	case errors.Is(e.err, fs.ErrPermission):
		return text + what.Error() + "; check whose it is"
	case !errors.Is(e.err, fs.ErrNotExist):
		return text + what.Error()
	case e.doing == "write":
		return text + "there is no folder " + folder + "; make it, or name another file"
	}
	return text + "there is no such file; check the path"
}

// read reads the file that a setting names.
func (s *settings) read(v config.Value, limit int64) ([]byte, error) {
	if data, ok := s.extra[v.Text]; ok {
		return data, nil
	}
	if v.Foreign {
		data, err := s.top.Read(v.Text, limit)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: there is no such file in the repository", v.Text)
		}
		return data, err
	}
	return readLimited(v.Text, limit)
}

// apply sets what has a flag of its name, unless the flag itself was given.
func (s *settings) apply(c *command) error {
	for _, key := range config.Singles() {
		v, ok := s.Single(key)
		if !ok || key == config.Baseline || c.flags.Changed(key) {
			continue
		}
		flag := c.flags.Lookup(key)
		if flag == nil {
			return fmt.Errorf("%s: %s means nothing to this version", v.From, key)
		}
		if err := flag.Value.Set(v.Text); err != nil {
			if flag.Value.Type() == "bool" {
				err = errors.New("set it to true or false")
			}
			return fmt.Errorf("%s: %s %q: %w", v.From, key, v.Text, err)
		}
		if key == config.FailOn {
			c.failOn.by = v
		}
		if key == config.MinConfidence && v.InFile() && c.minConfidence > defaultConfidence {
			// What a file hides by it shall be counted, so it is looked for.
			s.floor = known.Floor{Confidence: c.minConfidence, From: v.From}
			c.minConfidence = 0
		}
	}
	return nil
}

// layer gives what the environment says: SCAN_ and the name of the setting.
func (e environment) layer() config.Layer {
	l := config.Layer{Singles: map[string]config.Value{}, Plurals: map[string][]config.Value{}}
	for _, key := range config.Singles() {
		if text := e.get(variable(key)); text != "" {
			l.Singles[key] = config.Value{Text: text, From: known.Origin{File: variable(key)}}
		}
	}
	for _, key := range config.Plurals() {
		for text := range strings.SplitSeq(e.get(variable(key)), ",") {
			if text = strings.TrimSpace(text); text != "" {
				l.Plurals[key] = append(l.Plurals[key], config.Value{Text: text, From: known.Origin{File: variable(key)}})
			}
		}
	}
	return l
}

// unknown names variables that begin as those of scan do and are none; "" if there are
// none. It is no error: other programs may have such.
func (e environment) unknown() string {
	names := []string{"SCAN_CONFIG", "SCAN_NO_REPO_CONFIG", "SCAN_COMMIT_URL"}
	for _, key := range slices.Concat(config.Singles(), config.Plurals()) {
		names = append(names, variable(key))
	}
	var first string
	strangers := 0
	for _, entry := range e {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "SCAN_") || value == "" || slices.Contains(names, name) {
			continue
		}
		if strangers++; first != "" {
			continue
		}
		first = fmt.Sprintf("the environment's %q is no variable of scan and had no effect: ", name)
		best, least := `"scan config --help" lists all`, 1+max(1, (len(name)-len("SCAN_"))/3)
		for _, have := range names {
			if n := rules.Distance(name, have); n < least {
				best, least = "did you mean "+have+"?", n
			}
		}
		first += best
	}
	if strangers > 1 {
		first += fmt.Sprintf("; %d more begin with SCAN_ and are unknown", strangers-1)
	}
	return first
}

// variable gives the environment variable of a setting.
func variable(key string) string {
	return "SCAN_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// flag reads a variable that is true or false.
func (e environment) flag(name string) (bool, error) {
	text := e.get(name)
	if text == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return false, &usageError{fmt.Sprintf("%s is %q: set it to true or false", name, text), ""}
	}
	return on, nil
}

// layer gives what the command line says.
func (c *command) layer() config.Layer {
	l := config.Layer{Singles: map[string]config.Value{}, Plurals: map[string][]config.Value{}}
	for _, key := range config.Singles() {
		if flag := c.flags.Lookup(key); flag != nil && flag.Changed {
			l.Singles[key] = config.Value{Text: given(flag), From: known.Origin{File: "--" + key}}
		}
	}
	for key, list := range map[string][]string{config.RuleFiles: c.ruleFiles, config.EnableRule: c.enableRules, config.DisableRule: c.disableRules} {
		for _, text := range list {
			l.Plurals[key] = append(l.Plurals[key], config.Value{Text: text, From: known.Origin{File: "--" + key}})
		}
	}
	return l
}

// adopt takes over which flags were given in the set of a verb that has some of
// those of a scan.
func (c *command) adopt(fs *pflag.FlagSet) {
	fs.Visit(func(f *pflag.Flag) {
		if own := c.flags.Lookup(f.Name); own != nil {
			own.Value, own.Changed = f.Value, true
		}
	})
}

// given is the value of a flag as it was typed.
func given(flag *pflag.Flag) string {
	if r, ok := flag.Value.(*recorded); ok {
		return r.text
	}
	return flag.Value.String()
}

// recorded is a flag's value that remembers what was typed, which pflag forgets
// of flags that a function parses.
type recorded struct {
	pflag.Value
	text string // mutable
}

// Set implements pflag.Value.
func (r *recorded) Set(text string) error {
	r.text = text
	return r.Value.Set(text)
}

// record makes the flags that are settings remember what was typed.
func record(fs *pflag.FlagSet) {
	for _, key := range config.Singles() {
		if flag := fs.Lookup(key); flag != nil && flag.Value.Type() == "func" {
			flag.Value = &recorded{Value: flag.Value}
		}
	}
}
