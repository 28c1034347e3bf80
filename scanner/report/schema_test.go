package report

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"keyrake/scanner/finding"
)

func schema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// conform checks what a writer makes of several reports against a schema.
func conform(t *testing.T, s *jsonschema.Schema, formats ...string) {
	t.Helper()
	reports := []*finding.Report{full(), sample(), many(), {}, {Coverage: finding.Coverage{Source: "stdin", Notes: []string{""}}}}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		r := hostileReport(rng)
		for i := range r.Findings {
			r.Findings[i].Rule.ID = "r" + r.Findings[i].Rule.ID // rules have ids
		}
		r.Coverage.Gaps = append(r.Coverage.Gaps, finding.Gap{})
		reports = append(reports, r)
	}
	for _, name := range formats {
		f, ok := FormatNamed(name)
		if !ok {
			t.Fatalf("there is no format %s", name)
		}
		for _, r := range reports {
			for _, opt := range []Options{{}, {ShowSecrets: true, Version: "v1.2.3", Now: time.Unix(1e9, 0)}} {
				out := written(t, f, r, opt)
				doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if err := s.Validate(doc); err != nil {
					t.Fatalf("%s: %v\n%s", name, err, out)
				}
			}
		}
	}
}

func TestSARIFSchema(t *testing.T) {
	conform(t, schema(t, "testdata/schema/sarif-2.1.0-errata01.json"), "sarif", "github-sarif")
}

func TestGitLabSchema(t *testing.T) {
	conform(t, schema(t, "testdata/schema/gitlab-secret-detection-15.2.1.json"), "gitlab")
	if published := os.Getenv("KEYRAKE_GITLAB_SCHEMA"); published != "" {
		conform(t, schema(t, published), "gitlab")
	}
}

func TestCodeQualitySchema(t *testing.T) {
	conform(t, schema(t, "testdata/schema/gitlab-codequality.json"), "codequality")
}

// TestSchemasRefuse shows that the schemas are not empty: a report of another
// kind does not pass.
func TestSchemasRefuse(t *testing.T) {
	for file, format := range map[string]Format{"sarif-2.1.0-errata01": {Write: renderGitLab}, "gitlab-secret-detection-15.2.1": {Write: renderSARIF}, "gitlab-codequality": {Write: renderSARIF}} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(written(t, format, full(), Options{})))
		if err != nil {
			t.Fatal(err)
		}
		if schema(t, "testdata/schema/"+file+".json").Validate(doc) == nil {
			t.Errorf("%s accepts another format", file)
		}
	}
}
