package setup

import (
	"bytes"
	"slices"
	"strings"

	"keyrake/worker"
)

// manager is what installs a project's packages: from its lock file, and without
// running what packages bring along.
type manager struct {
	locks   []string
	add     string // puts the package into the project
	install string // lines of a workflow; "" if a runner does not have the program
	run     string
}

// managerOf tells by its lock file what a project uses; npm if it has none.
func managerOf(p *worker.Project) manager {
	yarn := manager{
		locks: []string{"yarn.lock"}, add: "yarn add --dev keyrake",
		install: "corepack enable && yarn install --frozen-lockfile --ignore-scripts", run: "npx --no -- scan",
	}
	berry := hasFile(p, ".yarnrc.yml")
	if berry {
		// From version 2 on: other flags, and no node_modules that npx could look into.
		yarn.install, yarn.run = "corepack enable && yarn install --immutable --mode=skip-build", "yarn run scan"
	}
	pnpmRoot := ""
	switch {
	case hasFile(p, "pnpm-workspace.yaml"): // pnpm refuses to add to the root of a workspace without it
		pnpmRoot = " --workspace-root"
	case hasWorkspaces(p) && !berry: // as yarn 1 does
		yarn.add = "yarn add --dev --ignore-workspace-root-check keyrake"
	}
	all := []manager{{
		locks: []string{"package-lock.json", "npm-shrinkwrap.json"}, add: "npm install --save-dev keyrake",
		install: "npm ci --ignore-scripts", run: "npx --no -- scan",
	}, {
		locks: []string{"pnpm-lock.yaml"}, add: "pnpm add --save-dev" + pnpmRoot + " keyrake",
		install: "corepack enable && pnpm install --frozen-lockfile --ignore-scripts", run: "pnpm exec scan",
	}, yarn, {
		locks: []string{"bun.lock", "bun.lockb"}, add: "bun add --dev keyrake", run: "bun run scan",
	}}
	for _, m := range all {
		if slices.ContainsFunc(p.Files, func(f worker.File) bool { return slices.Contains(m.locks, f.Path) }) {
			return m
		}
	}
	return all[0]
}

func hasFile(p *worker.Project, name string) bool {
	return slices.ContainsFunc(p.Files, func(f worker.File) bool { return f.Path == name })
}

// hasWorkspaces reports whether the project's package.json lists packages below it.
func hasWorkspaces(p *worker.Project) bool {
	return slices.ContainsFunc(p.Files, func(f worker.File) bool {
		return f.Path == "package.json" && bytes.Contains(f.Data, []byte(`"workspaces"`))
	})
}

// ci proposes a workflow where GitHub's are, or none are yet.
func (b *builder) ci() {
	const name = ".github/workflows/scan.yml"
	github, other := false, ""
	for _, f := range b.project.Files {
		if strings.HasPrefix(f.Path, ".github/workflows/") {
			github = true
			if bytes.Contains(f.Data, []byte("keyrake")) || f.Path == name {
				return
			}
		}
		if f.Path == ".gitlab-ci.yml" || f.Path == "bitbucket-pipelines.yml" || f.Path == "azure-pipelines.yml" {
			other = f.Path
			if bytes.Contains(f.Data, []byte("scan --")) {
				return
			}
		}
	}
	m := managerOf(b.project)
	switch {
	case !github && other != "":
		b.hint(other, "add a job that runs %q in a full clone; docs/ci.md has it", m.run+" --history")
	case m.install == "":
		b.hint(name, "add a job that runs %q in a full clone, after the packages are installed; docs/ci.md has one", m.run+" --history")
	default:
		b.change(name, "every push and pull request is scanned", []byte(workflow+"      - run: "+m.install+"\n      - run: "+m.run+" --history --format github\n"))
	}
}

// checkout is the action by its commit, as a tag can be moved; this project's own
// workflows name the same.
const checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"

// workflow runs the npm package, whose version the project's lock file pins.
const workflow = `name: scan
on: [push, pull_request]
permissions:
  contents: read
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: ` + checkout + `
        with:
          fetch-depth: 0
          persist-credentials: false
`
