package worker

import (
	"slices"
	"strings"
)

// Config is one wrangler configuration.
type Config struct {
	Path string
	Root *Node
}

// ParseConfig parses a wrangler configuration; its name decides the format.
func ParseConfig(name string, data []byte) (*Config, *SyntaxError) {
	root, err := parseNode(name, data)
	if err != nil {
		return nil, err
	}
	if root.Shape != Table {
		return nil, &SyntaxError{root.Line, "it holds no table of settings"}
	}
	return &Config{name, root}, nil
}

// Environment is one thing that can be deployed: the top level, whose Name is
// "", or an env.NAME.
type Environment struct {
	Config *Config
	Name   string
	own    *Node
}

// Environments lists the top level and all named environments.
func (c *Config) Environments() []Environment {
	list := []Environment{{c, "", c.Root}}
	for name, own := range c.Root.Get("env").Members() {
		list = append(list, Environment{c, name, own})
	}
	return list
}

// Get gives a setting as wrangler takes it: what an environment does not set
// comes from the top level, but for bindings, vars and secrets, which each
// environment has to list itself.
func (e Environment) Get(key string) *Node {
	if n := e.own.Get(key); n != nil || !inherits(key) {
		return n
	}
	return e.Config.Root.Get(key)
}

// inherits reports whether environments take a setting from the top level
// (normalizeAndValidateEnvironment in wrangler: what is "notInheritable" there).
func inherits(key string) bool {
	switch key {
	case "vars", "secrets", "define", "tail_consumers", "streaming_tail_consumers", "unsafe", "queues", "durable_objects", "workflows",
		"containers", "cloudchamber", "send_email", "ratelimits":
		return false
	case "assets": // its binding comes along
		return true
	}
	_, list := listBindings()[key]
	return !list && !slices.Contains(singleBindings(), key)
}

// listBindings gives the lists of bindings, and the field that names each.
func listBindings() map[string]string {
	m := map[string]string{"send_email": "name", "ratelimits": "name"}
	for _, key := range []string{"kv_namespaces", "d1_databases", "r2_buckets", "vectorize", "hyperdrive", "services", "analytics_engine_datasets",
		"mtls_certificates", "dispatch_namespaces", "workflows", "pipelines", "artifacts", "ai_search", "ai_search_namespaces", "agent_memory",
		"vpc_services", "vpc_networks", "flagship", "worker_loaders", "secrets_store_secrets", "unsafe_hello_world"} {
		m[key] = "binding"
	}
	return m
}

func singleBindings() []string {
	return []string{"ai", "browser", "images", "stream", "media", "version_metadata", "websearch", "assets"}
}

// Declaration is a name that a Worker finds in its env.
type Declaration struct {
	Name string
	Kind string // the setting that declares it: "vars", "kv_namespaces", …
	Line int
	Text string // of a var: its literal
	node *Node
}

// Declared lists what an environment declares.
func (e Environment) Declared() (list []Declaration) {
	add := func(kind string, n *Node) {
		if n != nil && n.Text != "" {
			list = append(list, Declaration{Name: n.Text, Kind: kind, Line: n.Line})
		}
	}
	for name, v := range e.Get("vars").Members() {
		d := Declaration{Name: name, Kind: "vars", Line: v.Line, node: v}
		if v.Shape == Text {
			d.Text = v.Text
		}
		list = append(list, d)
	}
	for _, n := range e.Get("secrets").Get("required").Items() {
		add("secrets", n)
	}
	for _, kind := range sortedKeys(listBindings()) {
		field := listBindings()[kind]
		for _, n := range e.Get(kind).Items() {
			add(kind, n.Get(field))
		}
	}
	for _, kind := range singleBindings() {
		add(kind, e.Get(kind).Get("binding"))
	}
	for _, n := range e.Get("queues").Get("producers").Items() {
		add("queues", n.Get("binding"))
	}
	for _, kind := range []string{"durable_objects", "logfwdr", "unsafe"} {
		for _, n := range e.Get(kind).Get("bindings").Items() {
			add(kind, n.Get("name"))
		}
	}
	for _, kind := range []string{"text_blobs", "data_blobs", "wasm_modules"} {
		for name, n := range e.Get(kind).Members() {
			list = append(list, Declaration{Name: name, Kind: kind, Line: n.Line})
		}
	}
	return list
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Var is a plain-text variable of a configuration.
type Var struct {
	Environment
	Declaration
}

// VarAt gives the var whose value holds an offset of the file, which lies in a
// line, if any does.
func (c *Config) VarAt(line, off int) (Var, bool) {
	for _, e := range c.Environments() {
		for _, d := range e.Declared() {
			if d.Holds(line, off) {
				return Var{e, d}, true
			}
		}
	}
	return Var{}, false
}

// Holds reports whether a declaration is a var whose value holds an offset of the
// file. Where the value's bounds are not known, its line decides.
func (d Declaration) Holds(line, off int) bool {
	switch {
	case d.node == nil:
		return false
	case d.node.To > 0:
		return d.node.From <= off && off < d.node.To
	}
	return d.Line == line
}

// IsPages reports whether it configures a Pages project, for which wrangler takes fewer settings.
func (c *Config) IsPages() bool { return c.Root.Get("pages_build_output_dir") != nil }

// Put is the command that stores a secret for this environment, as the words that a shell
// is to be given: called where the configuration's path is counted from, it reaches the
// Worker whose configuration that is. For Pages wrangler takes none but its own
// configuration, so that the folder is named.
func (e Environment) Put(name string) []string {
	words := []string{"npx", "wrangler", "secret", "put", name}
	config, dir := withoutTemplate(e.Config.Path), folder(e.Config.Path)
	switch {
	case e.Config.IsPages():
		words = []string{"npx", "wrangler", "pages", "secret", "put", name}
		if dir != "" {
			words = append(words, "--cwd", dir)
		}
	case dir != "" || !isMain(config):
		words = append(words, "--config", config)
	}
	if e.Name != "" {
		words = append(words, "--env", e.Name)
	}
	return words
}

// Put is that of the var's environment, for the name that it has.
func (v Var) Put() []string { return v.Environment.Put(v.Declaration.Name) }

// ForBrowser reports whether build tools put the var into what they send to
// browsers, as they do by these beginnings of its name: to make a secret of it
// would leave the page without it.
func (v Var) ForBrowser() bool { return browserName().MatchString(v.Declaration.Name) }

var browserName = Expression(`(?i)^(public|next_public|nuxt_public|astro_public|expo_public|vite|react_app|gatsby)_`)

// Restrict says what to do about a key for browsers; put is the command that stores it.
func (v Var) Restrict(put string) string {
	return "its name sends it to every browser: restrict it to your sites where it was issued, or rename it and " + put + " if it has to stay secret"
}

// IsSecretName reports whether a name is one that people give to secrets and not
// to what is public by design.
func IsSecretName(name string) bool {
	return secretName().MatchString(name) && !publicName().MatchString(name)
}

var (
	secretName = Expression(`(?i)token|secret|api_?key|passw|private|credential|_key$|[a-z]Key$|dsn$|conn(ection)?_?str`)
	publicName = Expression(`(?i)^__|^(enable|disable|use|has|is|allow|require|skip)_|public|site_?key|publishable|client_?id|^vite_|^astro_public|(token|key|secret)s?_?(limit|count|ttl|name|prefix|length|expir\w*|lifetime|id|url|uri|path|max|type|budget|header|issuer|audience|algorithm)s?(_|$)|max_?tokens|tokenizer|private_?(path|mode|dir|network)|sentry_?dsn|_url$|store_id`)
	inertValue = Expression(`(?i)^$|^(true|false|null|none|undefined|enabled|disabled|\d+(\.\d+)?)$|^https?://[^/@]*(/|$)|\$\{|\$\{\{|^\$[A-Z_]+$|^<.*>$|^\[.*\]$|your[-_ ]|change[-_ ]?me|replace|placeholder|xxx|example|^todo|^dummy|^test$|^@cf/|^\.\.\.`)
)

var placeholder = Expression(`(?i)^$|^<.*>$|^\[.*\]$|your[-_ ]|change[-_ ]?me|replace|placeholder|xxx|example|^todo|^dummy|^test$|^\.\.\.`)

// IsPlaceholder reports whether a value only keeps the place of one.
func IsPlaceholder(value string) bool { return placeholder().MatchString(strings.TrimSpace(value)) }

// Texts lists the texts that a var holds: itself, or those in a list or table.
func (d Declaration) Texts() (list []string) {
	var collect func(n *Node, depth int)
	collect = func(n *Node, depth int) {
		switch {
		case n == nil || depth > maxDepth:
		case n.Shape == Text:
			list = append(list, n.Text)
		default:
			for _, x := range n.items {
				collect(x, depth+1)
			}
		}
	}
	collect(d.node, 0)
	return list
}

// IsLiteral reports whether a value could be a secret: it is no reference, no
// placeholder, no switch and no number.
func IsLiteral(value string) bool {
	return !inertValue().MatchString(strings.TrimSpace(value))
}
