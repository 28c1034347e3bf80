package checklist

import (
	"strconv"
	"strings"

	"keyrake/worker"
)

// logs answers whether requests leave a trace that is kept.
func (c *checker) logs() (list []Evidence) {
	job, hasJob := c.logpushJob()
	for _, w := range c.Project.Workers {
		if w.Config.IsPages() {
			list = append(list, Evidence{Unknown, worker.Place{Path: w.Config.Path, Line: w.Config.Root.Get("pages_build_output_dir").Line},
				"the logs of Pages are set in the dashboard", "look there, or move to Workers"})
			continue
		}
		for _, e := range w.Config.Environments() {
			if e.Get("main") == nil && e.Get("assets") != nil {
				continue // files alone: no code runs
			}
			list = append(list, environmentLogs(e, job, hasJob))
		}
		for i := range w.Source {
			list = append(list, leaks(&w.Source[i])...)
		}
	}
	if len(list) == 0 {
		return []Evidence{{Status: None, Text: "there is no Worker with code"}}
	}
	return list
}

// environmentLogs judges one environment by its strongest sink.
func environmentLogs(e worker.Environment, job worker.Place, hasJob bool) Evidence {
	at := func(n *worker.Node) worker.Place { return worker.Place{Path: e.Config.Path, Line: n.Line} }
	for _, key := range []string{"tail_consumers", "streaming_tail_consumers"} {
		if n := e.Get(key); n.Len() > 0 {
			return Evidence{Pass, at(n), "a tail consumer takes the logs" + of(e), ""}
		}
	}
	seen := e.Get("observability")
	for _, key := range []string{"logs", "traces"} {
		if n := seen.Get(key).Get("destinations"); n.Len() > 0 {
			return Evidence{Pass, at(n), key + " are exported" + of(e), ""}
		}
	}
	push := e.Get("logpush")
	if push.Is(true) && hasJob {
		return Evidence{Pass, at(push), "Logpush is on" + of(e) + ", with a job at " + job.Path + ":" + strconv.Itoa(job.Line), ""}
	}
	if push.Is(true) {
		return Evidence{Unknown, at(push), "Logpush is on" + of(e) + ", but no job for workers_trace_events is here: the setting alone sends nothing", "add a cloudflare_logpush_job, or say where the job is kept"}
	}
	const kept = "export them: observability.logs.destinations, tail_consumers, or logpush with a job"
	logs := seen.Get("logs")
	if n := logs.Get("enabled"); n.Is(false) && seen.Get("enabled").Is(true) {
		return Evidence{Fail, at(n), "observability is on, but its logs are not" + of(e), `"logs": {"enabled": true}`}
	}
	if !seen.Get("enabled").Is(true) && !logs.Get("enabled").Is(true) {
		if seen != nil {
			return Evidence{Fail, at(seen), "logs are not enabled" + of(e), `"observability": {"enabled": true}`}
		}
		return Evidence{Fail, worker.Place{Path: e.Config.Path}, "no logs are configured" + of(e), `"observability": {"enabled": true}`}
	}
	for _, n := range []*worker.Node{seen.Get("head_sampling_rate"), logs.Get("head_sampling_rate")} {
		if rate, err := strconv.ParseFloat(n.String(), 64); err == nil && rate < 1 {
			return Evidence{Fail, at(n), "only a part of the requests is logged" + of(e) + " (head_sampling_rate " + n.Text + ")", "head_sampling_rate = 1"}
		}
	}
	for _, key := range []string{"invocation_logs", "persist"} {
		if n := logs.Get(key); n.Is(false) {
			return Evidence{Fail, at(n), "logs are on" + of(e) + ", but " + key + " is off", key + " = true, or " + kept}
		}
	}
	return Evidence{Unknown, at(seen), "Workers Logs are on" + of(e) + ", but they are kept for seven days at most and stay with Cloudflare", kept}
}

// writes is what writes to the logs, in JavaScript and in Python.
const writes = `\b(?:console\.\w+|print|log(?:ging|ger)?\.(?:debug|info|warning|warn|error|exception|critical))`

var (
	writesLog = worker.Expression(writes + `\(`)
	tfJob     = worker.Expression(`resource\s+"cloudflare_logpush_job"`)
	logsEnv   = worker.Expression(writes + `\(\s*(?:["'` + "`" + `][^"'` + "`" + `]*["'` + "`" + `]\s*,\s*)?(?:JSON\.stringify\(\s*)?(?:c\.|this\.|self\.|ctx\.|context\.)?env\s*[,)]`)
	logsName  = worker.Expression(writes + `\([^;]*\benv\.([A-Za-z_]\w*)\s*[,)}]`)
	logsHead  = worker.Expression(`(?i)` + writes + `\([^;]*(?:(?:request|req)\.headers\s*[,)]|Object\.fromEntries\(\s*(?:request|req)\.headers|headers?(?:\.get)?\(\s*["'](?:authorization|cookie|cf-access-client-secret|x-api-key)["'])`)
	gatewayNo = worker.Expression(`(?i)cf-aig-collect-log["']?\s*:\s*["']?false|collectLog\s*:\s*false|skipLog`)
)

// logpushJob finds the job that sends what Logpush collects.
func (c *checker) logpushJob() (worker.Place, bool) {
	for _, f := range c.Project.Files {
		if !strings.HasSuffix(f.Path, ".tf") {
			continue
		}
		if m := tfJob().FindIndex(f.Data); m != nil && strings.Contains(string(f.Data), "workers_trace_events") {
			return placeAt(&f, m[0]), true
		}
	}
	for _, x := range c.commands() {
		if strings.Contains(x.Text, "/logpush/jobs") {
			return x.Place, true
		}
	}
	return worker.Place{}, false
}

// leaks finds secrets that code writes into its logs.
func leaks(f *worker.File) (list []Evidence) {
	for i, line := range strings.Split(string(f.Data), "\n") {
		if !writesLog().MatchString(line) {
			if gatewayNo().MatchString(line) {
				list = append(list, Evidence{Note, worker.Place{Path: f.Path, Line: i + 1}, "the logs of AI Gateway are switched off for a call", ""})
			}
			continue
		}
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "//") || strings.HasPrefix(t, "#") {
			continue
		}
		at := worker.Place{Path: f.Path, Line: i + 1}
		name := loggedName(line)
		switch {
		case logsEnv().MatchString(line):
			list = append(list, Evidence{Fail, at, "the whole env is written to the logs, with every secret in it", "log names, not values"})
		case worker.IsSecretName(name):
			list = append(list, Evidence{Fail, at, name + " is written to the logs", "log that it is set, not what it is"})
		case logsHead().MatchString(line):
			list = append(list, Evidence{Fail, at, "headers of requests are written to the logs, with Authorization and cookies", "log the headers that you need by name"})
		}
	}
	return list
}

// loggedName is the variable of env that a line writes to the logs, but for one of which it writes
// only whether it is set.
func loggedName(line string) string {
	m := logsName().FindStringSubmatchIndex(line)
	if m == nil {
		return ""
	}
	before := strings.TrimSuffix(line[:m[2]], "env.")
	if strings.HasSuffix(before, "!") || strings.HasSuffix(before, "Boolean(") || strings.HasSuffix(before, "typeof ") {
		return ""
	}
	return line[m[2]:m[3]]
}
