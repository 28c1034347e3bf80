package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// machine is what the figures depend on besides the programs.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory int64  `json:"memory"` // bytes, 0 if unknown
	OS     string `json:"os"`
	Go     string `json:"go"`
}

func thisMachine() machine {
	m := machine{
		CPU: "unknown CPU", Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version(),
	}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m.CPU = cpuModel(string(info))
	}
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		m.Memory = statusBytes(string(info), "MemTotal")
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.OS += ", kernel " + strings.TrimSpace(string(release))
	}
	return m
}

func cpuModel(cpuinfo string) string {
	for l := range strings.Lines(cpuinfo) {
		name, value, ok := strings.Cut(l, ":")
		if ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// busyWith returns the load of the last minute, or 0 if it is not known.
func busyWith() float64 {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return load
}

// version asks a tool for its version; a tool that does not know gets "?".
func version(ctx context.Context, t tool) string {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.path, strings.Fields(versionArgs(t.kind))...)
	cmd.Env = plainEnv(os.Environ())
	out, _ := cmd.CombinedOutput()
	return versionLine(t.kind, string(out))
}

// versionLine is the first line with a digit that is no part of a banner, or
// else the first line. Of a program that
// tells more than its name there (Keyrake tells the digest of its rules), all
// lines belong to the version.
func versionLine(kind, out string) string {
	var told []string
	for l := range strings.Lines(out) {
		if l = strings.TrimSpace(l); l != "" && !strings.ContainsAny(l, "|\\_") {
			told = append(told, l)
		}
	}
	switch {
	case len(told) == 0:
		return "?"
	case kind == "scan":
		return strings.Join(told, ", ")
	}
	i := slices.IndexFunc(told, func(l string) bool { return strings.ContainsAny(l, "0123456789") })
	return told[max(i, 0)]
}

// inspectRepo counts what a repository holds.
func inspectRepo(ctx context.Context, name, path string) (repoInfo, error) {
	out, err := gitOutput(ctx, path, "count-objects", "-v")
	if err != nil {
		return repoInfo{}, err
	}
	info := parseCount(out)
	info.Name = name
	return info, nil
}

// parseCount reads the output of git count-objects -v, whose sizes are in KiB.
func parseCount(out string) repoInfo {
	var info repoInfo
	for l := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(l), ": ")
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			continue
		}
		switch key {
		case "count", "in-pack":
			info.Objects += n
		case "size", "size-pack":
			info.Bytes += n << 10
		}
	}
	return info
}

// gitOutput runs git in a folder, outside of any measurement.
func gitOutput(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = plainEnv(os.Environ())
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s in %s: %w: %s", args[0], dir, err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}
