package main

import (
	"reflect"
	"testing"

	"keyrake/scanner"
)

func TestUseColor(t *testing.T) {
	tests := []struct {
		when     string
		terminal bool
		env      environment
		want     bool
	}{
		{"auto", true, nil, true},
		{"auto", false, nil, false},
		{"auto", true, environment{"NO_COLOR=1"}, false},
		{"auto", true, environment{"NO_COLOR="}, true},
		{"auto", true, environment{"TERM=dumb"}, false},
		{"auto", true, environment{"CLICOLOR=0"}, false},
		{"auto", true, environment{"FORCE_COLOR=0"}, false},
		{"auto", false, environment{"CLICOLOR_FORCE=1"}, true},
		{"auto", false, environment{"CLICOLOR_FORCE=0"}, false},
		{"auto", false, environment{"FORCE_COLOR=3", "TERM=dumb"}, true},
		{"auto", false, environment{"FORCE_COLOR=1", "NO_COLOR=1"}, false},
		{"always", false, environment{"NO_COLOR=1", "TERM=dumb"}, true},
		{"never", true, environment{"FORCE_COLOR=1"}, false},
	}
	for _, test := range tests {
		if got := test.env.useColor(test.when, test.terminal); got != test.want {
			t.Errorf("--color=%s, terminal %v, %q: %v", test.when, test.terminal, test.env, got)
		}
	}
}

func TestGitEnvironment(t *testing.T) {
	env := environment{
		"GIT_DIR=d", "GIT_INDEX_FILE=i", "GIT_WORK_TREE=w", "GIT_OBJECT_DIRECTORY=o", `GIT_ALTERNATE_OBJECT_DIRECTORIES="a:b":c`, "GIT_GRAFT_FILE=g",
	}
	full := scanner.GitEnv{
		Path: ".", GitDir: "d", IndexFile: "i", WorkTree: "w", ObjectDirectory: "o", AlternateObjectDirectories: `"a:b":c`, GraftFile: "g",
	}
	tests := []struct {
		command command
		want    scanner.GitEnv
	}{
		{command{mode: modeStaged}, full},
		{command{mode: modeHistory}, full},
		{command{mode: modeHistory, paths: []string{"./"}}, full},
		{command{mode: modeHistory, paths: []string{"../x"}}, scanner.GitEnv{Path: "../x"}},
		{command{mode: modeHistory, paths: []string{"sub"}}, scanner.GitEnv{Path: "sub"}},
		{command{paths: []string{"src", "a/b"}}, full},
		{command{}, full},
		{command{paths: []string{"src", "/elsewhere"}}, scanner.GitEnv{Path: "."}},
	}
	for _, test := range tests {
		if got := env.git(&test.command); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v: %+v, want %+v", test.command, got, test.want)
		}
	}
}
